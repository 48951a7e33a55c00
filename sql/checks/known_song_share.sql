-- Share of plays whose song the catalogue knows, by log month, beside that of the six months before: a drop of more
-- than 10 percentage points asks for a look at the catalogue.
SELECT
    s.log_month,
    s.plays,
    ROUND(s.share, 4) AS share,
    ROUND(s.former_share, 4) AS former_share,
    s.former_share IS NULL OR s.share >= s.former_share - 0.1 AS passed
FROM (
    SELECT
        m.log_month,
        m.plays,
        CAST(m.known AS DOUBLE PRECISION) / m.plays AS share,
        CAST(SUM(h.known) AS DOUBLE PRECISION) / SUM(h.plays) AS former_share
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
            f.log_month,
            COUNT(*) AS plays,
            COUNT(f.song_id) AS known
        FROM songplays AS f
        WHERE f.log_month BETWEEN CAST(DATEADD(month, -6, CAST(:first_month AS DATE)) AS DATE) AND :last_month
        GROUP BY f.log_month
    ) AS h ON m.log_month > h.log_month AND h.log_month >= CAST(DATEADD(month, -6, m.log_month) AS DATE)
    GROUP BY m.log_month, m.plays, m.known
) AS s
ORDER BY s.log_month
