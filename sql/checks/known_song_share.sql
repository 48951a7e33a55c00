-- Share of plays whose song the catalogue knows, by log month, beside that of the months before: a drop of more than
-- 10 percentage points asks for a look at the catalogue.
SELECT
    m.log_month,
    m.plays,
    ROUND(CAST(m.known AS DOUBLE PRECISION) / m.plays, 4) AS share,
    ROUND(CAST(h.known AS DOUBLE PRECISION) / h.plays, 4) AS former_share,
    h.plays IS NULL
    OR CAST(m.known AS DOUBLE PRECISION) / m.plays >= CAST(h.known AS DOUBLE PRECISION) / h.plays - 0.1 AS passed
FROM (
    SELECT
        p.log_month,
        COUNT(*) AS plays,
        COUNT(p.song_id) AS known
    FROM songplays AS p
    WHERE p.log_month BETWEEN :first_month AND :last_month
    GROUP BY p.log_month
) AS m
LEFT JOIN (
    SELECT
        c.log_month,
        COUNT(*) AS plays,
        COUNT(p.song_id) AS known
    FROM (
        SELECT DISTINCT f.log_month
        FROM load_files AS f
        WHERE f.table_name = 'staging_events' AND f.log_month BETWEEN :first_month AND :last_month
    ) AS c
    INNER JOIN songplays AS p
        ON c.log_month > p.log_month AND p.log_month >= CAST(DATEADD(month, -6, c.log_month) AS DATE)
    GROUP BY c.log_month
) AS h ON m.log_month = h.log_month
ORDER BY m.log_month
