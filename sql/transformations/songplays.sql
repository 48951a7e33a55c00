-- songplays: takes in what was loaded since the plays of the log months :first_month to :last_month were last built;
-- or, if :from_scratch, builds them anew (table_builds then knows nothing of them).
--
-- A play is settled by its moment and session. Where these occur once, the staged event is the play. Where they occur
-- again (repeated events, replaced files, songs that became known), they are contested: all staged events of that
-- moment and session are looked at together, whatever month they lie in, and their plays are written anew.
-- Files say which events are new; their months are named beside them so that Redshift skips the blocks of others.

-- The file versions to take in, and those that were taken in before.
CREATE TEMP TABLE build_added (file_id BIGINT);
CREATE TEMP TABLE build_kept (file_id BIGINT);

INSERT INTO build_added
SELECT f.file_id
FROM load_files AS f
LEFT JOIN table_builds AS b ON f.log_month = b.log_month AND b.table_name = 'songplays'
WHERE
    f.table_name = 'staging_events'
    AND f.status = 'loaded'
    AND f.removed_by IS NULL
    AND f.log_month BETWEEN :first_month AND :last_month
    AND (b.load_id IS NULL OR f.load_id > b.load_id);

INSERT INTO build_kept
SELECT f.file_id
FROM load_files AS f
INNER JOIN table_builds AS b ON f.log_month = b.log_month AND b.table_name = 'songplays'
WHERE
    f.table_name = 'staging_events'
    AND f.status = 'loaded'
    AND f.removed_by IS NULL
    AND f.log_month BETWEEN :first_month AND :last_month
    AND f.load_id <= b.load_id;

-- Plays to be settled again: their file version is gone, or they are built from scratch (another month may hold a
-- repeat), or the record of their song is gone, or a song record that came since has their title and artist.
CREATE TEMP TABLE build_resettled (start_time TIMESTAMP, session_id BIGINT);
CREATE TEMP TABLE build_new_titles (title VARCHAR(1024), artist_name VARCHAR(1024));

INSERT INTO build_new_titles
SELECT DISTINCT
    BTRIM(s.title, :white_space) AS title,
    BTRIM(s.artist_name, :white_space) AS artist_name
FROM staging_songs AS s
INNER JOIN load_files AS f ON s.file_id = f.file_id
WHERE f.load_id > :songs_load_id AND EXISTS (SELECT 1 FROM build_kept);

INSERT INTO build_resettled
SELECT DISTINCT
    p.start_time,
    COALESCE(p.session_id, -1) AS session_id
FROM songplays AS p
LEFT JOIN load_files AS f ON p.file_id = f.file_id
WHERE p.log_month BETWEEN :first_month AND :last_month AND (:from_scratch OR f.removed_by IS NOT NULL);

INSERT INTO build_resettled
SELECT DISTINCT
    p.start_time,
    COALESCE(p.session_id, -1) AS session_id
FROM songplays AS p
INNER JOIN retracted_keys AS k ON p.song_id = k.entity_key
WHERE k.entity = 'song' AND k.load_id > :songs_load_id AND p.log_month BETWEEN :first_month AND :last_month;

INSERT INTO build_resettled
SELECT DISTINCT
    e.ts AS start_time,
    COALESCE(e.session_id, -1) AS session_id
FROM staging_events AS e
INNER JOIN build_kept AS k ON e.file_id = k.file_id
INNER JOIN build_new_titles AS n
    ON BTRIM(e.song, :white_space) = n.title AND BTRIM(e.artist, :white_space) = n.artist_name
WHERE e.page = 'NextSong' AND e.log_month BETWEEN :first_month AND :last_month;

DELETE FROM songplays
WHERE
    log_month BETWEEN :first_month AND :last_month
    AND (:from_scratch OR file_id IN (SELECT f.file_id FROM load_files AS f WHERE f.removed_by IS NOT NULL));

-- The contested moments: twice in what is added; added, and played already; or to be settled again from other files.
CREATE TEMP TABLE build_contested (start_time TIMESTAMP, session_id BIGINT);

INSERT INTO build_contested
SELECT
    e.ts AS start_time,
    COALESCE(e.session_id, -1) AS session_id
FROM staging_events AS e
INNER JOIN build_added AS a ON e.file_id = a.file_id
WHERE e.page = 'NextSong' AND e.log_month BETWEEN :first_month AND :last_month
GROUP BY 1, 2
HAVING COUNT(*) > 1;

INSERT INTO build_contested
SELECT
    e.ts AS start_time,
    COALESCE(e.session_id, -1) AS session_id
FROM staging_events AS e
INNER JOIN build_added AS a ON e.file_id = a.file_id
INNER JOIN songplays AS p ON e.ts = p.start_time AND COALESCE(e.session_id, -1) = COALESCE(p.session_id, -1)
WHERE e.page = 'NextSong' AND e.log_month BETWEEN :first_month AND :last_month;

INSERT INTO build_contested
SELECT
    r.start_time,
    r.session_id
FROM build_resettled AS r
INNER JOIN staging_events AS e ON r.start_time = e.ts AND r.session_id = COALESCE(e.session_id, -1)
LEFT JOIN build_added AS a ON e.file_id = a.file_id
WHERE e.page = 'NextSong' AND a.file_id IS NULL;

DELETE FROM songplays USING build_contested AS c
WHERE songplays.start_time = c.start_time AND COALESCE(songplays.session_id, -1) = c.session_id;

-- Of repeats, the earliest log month keeps the play; within a month the contents decide, so that neither the order of
-- loading nor the engine matters.
CREATE TEMP TABLE build_repeats (
    ts TIMESTAMP,
    user_id BIGINT,
    session_id BIGINT,
    item_in_session INTEGER,
    level VARCHAR(16),
    song VARCHAR(1024),
    artist VARCHAR(1024),
    length DOUBLE PRECISION,
    location VARCHAR(1024),
    user_agent VARCHAR(4096),
    log_month DATE,
    file_id BIGINT,
    place INTEGER
);

INSERT INTO build_repeats
SELECT
    e.ts,
    e.user_id,
    e.session_id,
    e.item_in_session,
    e.level,
    e.song,
    e.artist,
    e.length,
    e.location,
    e.user_agent,
    e.log_month,
    e.file_id,
    ROW_NUMBER() OVER (
        PARTITION BY e.user_id, e.session_id, e.item_in_session, e.ts
        ORDER BY
            e.log_month ASC NULLS LAST,
            e.song ASC NULLS LAST,
            e.artist ASC NULLS LAST,
            e.length ASC NULLS LAST,
            e.level ASC NULLS LAST,
            e.location ASC NULLS LAST,
            e.user_agent ASC NULLS LAST,
            e.file_id ASC NULLS LAST
    ) AS place
FROM staging_events AS e
INNER JOIN (
    SELECT DISTINCT
        b.start_time,
        b.session_id
    FROM build_contested AS b
) AS c ON e.ts = c.start_time AND COALESCE(e.session_id, -1) = c.session_id
WHERE e.page = 'NextSong';

-- Other months may have had these plays, or have them now: what follows from the plays of those months has to know.
UPDATE table_builds
SET build_number = (SELECT MAX(b.build_number) + 1 FROM table_builds AS b)
WHERE table_name = 'songplays' AND log_month IN (SELECT r.log_month FROM build_repeats AS r);

-- What the catalogue knows of the songs heard: same title and artist name, at most 2 seconds apart; the closest, then
-- the smallest song_id. Texts are trimmed for each song heard, not for each play: these are far more.
CREATE TEMP TABLE build_heard (song VARCHAR(1024), artist VARCHAR(1024), length DOUBLE PRECISION);
CREATE TEMP TABLE build_matches (
    song VARCHAR(1024),
    artist VARCHAR(1024),
    length DOUBLE PRECISION,
    song_id VARCHAR(64),
    artist_id VARCHAR(64)
);

INSERT INTO build_heard
SELECT
    e.song,
    e.artist,
    e.length
FROM staging_events AS e
INNER JOIN build_added AS a ON e.file_id = a.file_id
WHERE
    e.page = 'NextSong'
    AND e.log_month BETWEEN :first_month AND :last_month
    AND e.song IS NOT NULL
    AND e.artist IS NOT NULL
    AND e.length IS NOT NULL
UNION
SELECT
    w.song,
    w.artist,
    w.length
FROM build_repeats AS w
WHERE w.place = 1 AND w.song IS NOT NULL AND w.artist IS NOT NULL AND w.length IS NOT NULL;

INSERT INTO build_matches
SELECT
    r.song,
    r.artist,
    r.length,
    r.song_id,
    r.artist_id
FROM (
    SELECT
        h.song,
        h.artist,
        h.length,
        s.song_id,
        s.artist_id,
        ROW_NUMBER() OVER (
            PARTITION BY h.song, h.artist, h.length
            ORDER BY
                ABS(s.duration - h.length) ASC NULLS LAST,
                s.song_id ASC NULLS LAST,
                s.artist_id ASC NULLS LAST
        ) AS place
    FROM build_heard AS h
    INNER JOIN staging_songs AS s
        ON
            BTRIM(h.song, :white_space) = BTRIM(s.title, :white_space)
            AND BTRIM(h.artist, :white_space) = BTRIM(s.artist_name, :white_space)
    WHERE s.song_id IS NOT NULL AND ABS(s.duration - h.length) <= 2
) AS r
WHERE r.place = 1;

-- The plays: what is added and not contested, and of repeats the one that keeps the play.
INSERT INTO songplays
(
    songplay_id,
    start_time,
    user_id,
    level,
    song_id,
    artist_id,
    session_id,
    location,
    user_agent,
    log_month,
    file_id
)
SELECT
    COALESCE(CAST(e.user_id AS VARCHAR(20)), '')
    || ':' || COALESCE(CAST(e.session_id AS VARCHAR(20)), '')
    || ':' || COALESCE(CAST(e.item_in_session AS VARCHAR(20)), '')
    || ':' || CAST(DATEDIFF(ms, CAST('1970-01-01' AS TIMESTAMP), e.ts) AS VARCHAR(20)) AS songplay_id,
    e.ts AS start_time,
    e.user_id,
    e.level,
    m.song_id,
    m.artist_id,
    e.session_id,
    e.location,
    e.user_agent,
    e.log_month,
    e.file_id
FROM (
    SELECT
        s.ts,
        s.user_id,
        s.session_id,
        s.item_in_session,
        s.level,
        s.song,
        s.artist,
        s.length,
        s.location,
        s.user_agent,
        s.log_month,
        s.file_id
    FROM staging_events AS s
    INNER JOIN build_added AS a ON s.file_id = a.file_id
    LEFT JOIN build_contested AS c ON s.ts = c.start_time AND COALESCE(s.session_id, -1) = c.session_id
    WHERE s.page = 'NextSong' AND s.log_month BETWEEN :first_month AND :last_month AND c.start_time IS NULL
    UNION ALL
    SELECT
        w.ts,
        w.user_id,
        w.session_id,
        w.item_in_session,
        w.level,
        w.song,
        w.artist,
        w.length,
        w.location,
        w.user_agent,
        w.log_month,
        w.file_id
    FROM build_repeats AS w
    WHERE w.place = 1
) AS e
LEFT JOIN build_matches AS m ON e.song = m.song AND e.artist = m.artist AND e.length = m.length;

DROP TABLE build_added;
DROP TABLE build_kept;
DROP TABLE build_resettled;
DROP TABLE build_new_titles;
DROP TABLE build_contested;
DROP TABLE build_repeats;
DROP TABLE build_heard;
DROP TABLE build_matches;
