-- Of the artists that were among the :most_kept most played of a month, at a level or at all.
WITH shown AS (
    SELECT
        log_month,
        level,
        artist_id,
        SUM(plays) AS plays
    FROM plays_by_song
    WHERE log_month BETWEEN :first_month AND :last_month AND artist_id IS NOT NULL
    GROUP BY log_month, level, artist_id
),

counted AS (
    SELECT
        log_month,
        level,
        artist_id,
        plays
    FROM shown
    UNION ALL
    SELECT
        log_month,
        'all' AS level,
        artist_id,
        SUM(plays) AS plays
    FROM shown
    GROUP BY log_month, artist_id
),

ranked AS (
    SELECT
        artist_id,
        ROW_NUMBER() OVER (PARTITION BY log_month, level ORDER BY plays DESC, artist_id ASC) AS place
    FROM counted
)

SELECT
    p.artist_id,
    a.name,
    p.log_month,
    p.level,
    p.plays
FROM shown AS p
INNER JOIN artists AS a ON p.artist_id = a.artist_id
WHERE p.artist_id IN (SELECT r.artist_id FROM ranked AS r WHERE r.place <= :most_kept)
ORDER BY a.name, p.artist_id, p.log_month, p.level;
