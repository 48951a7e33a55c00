-- Of the songs that were among the :most_kept most played of a month, at a level or at all.
WITH shown AS (
    SELECT
        log_month,
        level,
        song_id,
        artist_id,
        plays
    FROM plays_by_song
    WHERE log_month BETWEEN :first_month AND :last_month AND song_id IS NOT NULL
),

counted AS (
    SELECT
        log_month,
        level,
        song_id,
        plays
    FROM shown
    UNION ALL
    SELECT
        log_month,
        'all' AS level,
        song_id,
        SUM(plays) AS plays
    FROM shown
    GROUP BY log_month, song_id
),

ranked AS (
    SELECT
        song_id,
        ROW_NUMBER() OVER (PARTITION BY log_month, level ORDER BY plays DESC, song_id ASC) AS place
    FROM counted
)

SELECT
    p.song_id,
    s.title,
    a.name AS artist_name,
    p.log_month,
    p.level,
    p.plays
FROM shown AS p
INNER JOIN songs AS s ON p.song_id = s.song_id
LEFT JOIN artists AS a ON p.artist_id = a.artist_id
WHERE p.song_id IN (SELECT r.song_id FROM ranked AS r WHERE r.place <= :most_kept)
ORDER BY s.title, p.song_id, p.log_month, p.level;
