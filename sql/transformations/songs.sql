-- songs: rebuilds the songs that gained or lost a record since load :after_load_id: in the files from
-- :first_file_id on, or by replaced or pruned ones.
CREATE TEMP TABLE build_touched (song_id VARCHAR(64));

INSERT INTO build_touched
SELECT s.song_id
FROM staging_songs AS s
WHERE s.file_id >= :first_file_id AND s.song_id IS NOT NULL
UNION
SELECT k.entity_key AS song_id
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'song';

DELETE FROM songs
WHERE song_id IN (SELECT t.song_id FROM build_touched AS t);

-- Of repeats, the one with the latest year, then the longest, then by title.
INSERT INTO songs (song_id, title, artist_id, year, duration)
SELECT
    r.song_id,
    r.title,
    r.artist_id,
    NULLIF(r.year, 0) AS year,
    r.duration
FROM (
    SELECT
        s.song_id,
        s.title,
        s.artist_id,
        s.year,
        s.duration,
        ROW_NUMBER() OVER (
            PARTITION BY s.song_id
            ORDER BY
                COALESCE(s.year, 0) DESC NULLS LAST,
                s.duration DESC NULLS LAST,
                s.title ASC NULLS LAST,
                s.artist_id ASC NULLS LAST
        ) AS place
    FROM staging_songs AS s
    INNER JOIN build_touched AS t ON s.song_id = t.song_id
) AS r
WHERE r.place = 1;

DROP TABLE build_touched;
