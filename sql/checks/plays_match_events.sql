-- Plays and NextSong events that don't belong together: songplays are the NextSong events, each counted once.
-- A play lies at the moment of an event of its file. Where a file has as many plays as events, these are then all
-- played; of the other files, mostly of those with events that are repeated elsewhere, each event is looked for.
SELECT
    CAST('event without a play' AS VARCHAR(32)) AS finding,
    e.songplay_id,
    e.ts AS start_time
FROM (
    SELECT
        COALESCE(CAST(s.user_id AS VARCHAR(20)), '')
        || ':' || COALESCE(CAST(s.session_id AS VARCHAR(20)), '')
        || ':' || COALESCE(CAST(s.item_in_session AS VARCHAR(20)), '')
        || ':' || CAST(DATEDIFF(ms, CAST('1970-01-01' AS TIMESTAMP), s.ts) AS VARCHAR(20)) AS songplay_id,
        s.ts
    FROM staging_events AS s
    INNER JOIN (
        SELECT c.file_id
        FROM (
            SELECT
                n.file_id,
                1 AS events,
                0 AS plays
            FROM staging_events AS n
            WHERE n.page = 'NextSong' AND n.log_month BETWEEN :first_month AND :last_month
            UNION ALL
            SELECT
                y.file_id,
                0 AS events,
                1 AS plays
            FROM songplays AS y
            WHERE y.log_month BETWEEN :first_month AND :last_month
        ) AS c
        GROUP BY c.file_id
        HAVING SUM(c.events) <> SUM(c.plays)
    ) AS f ON s.file_id = f.file_id
    WHERE s.page = 'NextSong'
) AS e
LEFT JOIN songplays AS p ON e.ts = p.start_time AND e.songplay_id = p.songplay_id
WHERE p.songplay_id IS NULL
UNION ALL
SELECT
    CAST('play without an event' AS VARCHAR(32)) AS finding,
    p.songplay_id,
    p.start_time
FROM songplays AS p
LEFT JOIN (
    SELECT
        s.ts,
        s.file_id
    FROM staging_events AS s
    WHERE s.page = 'NextSong' AND s.log_month BETWEEN :first_month AND :last_month
) AS e ON p.start_time = e.ts AND p.file_id = e.file_id
WHERE p.log_month BETWEEN :first_month AND :last_month AND e.ts IS NULL
