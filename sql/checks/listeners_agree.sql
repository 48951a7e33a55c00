-- Days of which listeners and songplays count other plays; weeks, months and levels that don't add up to their days.
SELECT
    d.period,
    d.period_start,
    d.counted,
    d.played
FROM (
    SELECT
        CAST('day' AS VARCHAR(8)) AS period,
        u.period_start,
        SUM(u.counted) AS counted,
        SUM(u.played) AS played
    FROM (
        SELECT
            n.period_start,
            n.plays AS counted,
            0 AS played
        FROM listeners AS n
        WHERE n.period = 'day' AND n.level = 'all'
        UNION ALL
        SELECT
            CAST(DATE_TRUNC('day', p.start_time) AS DATE) AS period_start,
            0 AS counted,
            COUNT(*) AS played
        FROM songplays AS p
        WHERE p.start_time >= :first_month AND p.start_time < DATEADD(month, 1, CAST(:last_month AS TIMESTAMP))
        GROUP BY CAST(DATE_TRUNC('day', p.start_time) AS DATE)
    ) AS u
    WHERE u.period_start >= :first_month AND u.period_start < DATEADD(month, 1, CAST(:last_month AS TIMESTAMP))
    GROUP BY u.period_start
    UNION ALL
    SELECT
        w.period,
        w.period_start,
        w.plays AS counted,
        SUM(o.plays) AS played
    FROM listeners AS w
    INNER JOIN listeners AS o
        ON
            w.level = o.level
            AND w.period_start = CASE w.period
                WHEN 'week' THEN CAST(DATE_TRUNC('week', o.period_start) AS DATE)
                ELSE CAST(DATE_TRUNC('month', o.period_start) AS DATE)
            END
    WHERE w.period <> 'day' AND o.period = 'day'
    GROUP BY w.period, w.period_start, w.level, w.plays
    UNION ALL
    SELECT
        a.period,
        a.period_start,
        a.plays AS counted,
        SUM(l.plays) AS played
    FROM listeners AS a
    INNER JOIN listeners AS l ON a.period = l.period AND a.period_start = l.period_start
    WHERE a.level = 'all' AND l.level <> 'all'
    GROUP BY a.period, a.period_start, a.plays
) AS d
WHERE
    d.counted <> d.played
    AND NOT EXISTS (
        SELECT 1
        FROM table_builds AS s
        LEFT JOIN table_builds AS b ON s.log_month = b.log_month AND b.table_name = 'listeners'
        WHERE s.table_name = 'songplays' AND (b.build_number IS NULL OR b.build_number < s.build_number)
    )
