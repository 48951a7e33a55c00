-- Of the places that were among the :most_kept most played of a month, at a level or at all.
WITH shown AS (
    SELECT
        log_month,
        level,
        location,
        plays
    FROM plays_by_place
    WHERE log_month BETWEEN :first_month AND :last_month AND location IS NOT NULL
),

counted AS (
    SELECT
        log_month,
        level,
        location,
        plays
    FROM shown
    UNION ALL
    SELECT
        log_month,
        'all' AS level,
        location,
        SUM(plays) AS plays
    FROM shown
    GROUP BY log_month, location
),

ranked AS (
    SELECT
        location,
        ROW_NUMBER() OVER (PARTITION BY log_month, level ORDER BY plays DESC, location ASC) AS place
    FROM counted
)

SELECT
    location,
    log_month,
    level,
    plays
FROM shown
WHERE shown.location IN (SELECT r.location FROM ranked AS r WHERE r.place <= :most_kept)
ORDER BY location, log_month, level;
