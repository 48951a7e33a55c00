-- listeners: counts anew each day, week and month that has, or had when it was last counted, plays of the log months
-- :first_month to :last_month. A week may lie in two months: all its plays are counted, whatever their log month.
CREATE TEMP TABLE build_periods (period VARCHAR(8), period_start DATE, period_end DATE);
CREATE TEMP TABLE build_active (
    played_on DATE,
    level VARCHAR(16),
    user_id BIGINT,
    session_id BIGINT,
    plays BIGINT,
    first_log_month DATE,
    last_log_month DATE
);

INSERT INTO build_periods
SELECT
    CAST('day' AS VARCHAR(8)) AS period,
    d.played_on AS period_start,
    CAST(DATEADD(day, 1, d.played_on) AS DATE) AS period_end
FROM (
    SELECT DISTINCT CAST(DATE_TRUNC('day', p.start_time) AS DATE) AS played_on
    FROM songplays AS p
    WHERE p.log_month BETWEEN :first_month AND :last_month
) AS d
UNION
SELECT
    CAST('day' AS VARCHAR(8)) AS period,
    n.period_start,
    CAST(DATEADD(day, 1, n.period_start) AS DATE) AS period_end
FROM listeners AS n
WHERE n.period = 'day' AND n.first_log_month <= :last_month AND n.last_log_month >= :first_month;

-- What a day is part of, is counted with it.
INSERT INTO build_periods
SELECT
    CAST('week' AS VARCHAR(8)) AS period,
    w.period_start,
    CAST(DATEADD(day, 7, w.period_start) AS DATE) AS period_end
FROM (
    SELECT DISTINCT CAST(DATE_TRUNC('week', d.period_start) AS DATE) AS period_start
    FROM build_periods AS d
    WHERE d.period = 'day'
) AS w
UNION ALL
SELECT
    CAST('month' AS VARCHAR(8)) AS period,
    m.period_start,
    CAST(DATEADD(month, 1, m.period_start) AS DATE) AS period_end
FROM (
    SELECT DISTINCT CAST(DATE_TRUNC('month', d.period_start) AS DATE) AS period_start
    FROM build_periods AS d
    WHERE d.period = 'day'
) AS m;

DELETE FROM listeners USING build_periods AS b
WHERE listeners.period = b.period AND listeners.period_start = b.period_start;

INSERT INTO build_active
SELECT
    CAST(DATE_TRUNC('day', p.start_time) AS DATE) AS played_on,
    COALESCE(p.level, 'unknown') AS level,
    p.user_id,
    p.session_id,
    COUNT(*) AS plays,
    MIN(p.log_month) AS first_log_month,
    MAX(p.log_month) AS last_log_month
FROM songplays AS p
WHERE
    p.start_time >= (SELECT MIN(b.period_start) FROM build_periods AS b)
    AND p.start_time < (SELECT MAX(e.period_end) FROM build_periods AS e)
GROUP BY 1, 2, 3, 4;

INSERT INTO listeners
(period, period_start, level, listeners, sessions, plays, first_log_month, last_log_month)
SELECT
    b.period,
    b.period_start,
    a.level,
    COUNT(DISTINCT a.user_id) AS listeners,
    COUNT(DISTINCT a.session_id) AS sessions,
    SUM(a.plays) AS plays,
    MIN(a.first_log_month) AS first_log_month,
    MAX(a.last_log_month) AS last_log_month
FROM (
    SELECT
        o.played_on,
        o.level,
        o.user_id,
        o.session_id,
        o.plays,
        o.first_log_month,
        o.last_log_month
    FROM build_active AS o
    UNION ALL
    SELECT
        e.played_on,
        CAST('all' AS VARCHAR(16)) AS level,
        e.user_id,
        e.session_id,
        e.plays,
        e.first_log_month,
        e.last_log_month
    FROM build_active AS e
) AS a
INNER JOIN build_periods AS b
    ON
        b.period_start = CASE b.period
            WHEN 'day' THEN a.played_on
            WHEN 'week' THEN CAST(DATE_TRUNC('week', a.played_on) AS DATE)
            ELSE CAST(DATE_TRUNC('month', a.played_on) AS DATE)
        END
GROUP BY 1, 2, 3;

DROP TABLE build_periods;
DROP TABLE build_active;
