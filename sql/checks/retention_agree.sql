-- Months whose cohorts have other listeners than played, or more than they began with.
SELECT
    c.log_month,
    SUM(c.counted) AS counted,
    SUM(c.listened) AS listened
FROM (
    SELECT
        r.log_month,
        CASE WHEN r.listeners <= r.cohort_size THEN r.listeners ELSE -1 END AS counted,
        0 AS listened
    FROM retention AS r
    UNION ALL
    SELECT
        p.log_month,
        0 AS counted,
        COUNT(DISTINCT p.user_id) AS listened
    FROM plays_by_listener AS p
    GROUP BY p.log_month
) AS c
WHERE
    NOT EXISTS (
        SELECT 1
        FROM table_builds AS f
        LEFT JOIN table_builds AS b ON b.table_name = 'retention'
        WHERE f.table_name = 'plays_by_listener' AND (b.build_number IS NULL OR b.build_number < f.build_number)
    )
GROUP BY c.log_month
HAVING SUM(c.counted) <> SUM(c.listened)
