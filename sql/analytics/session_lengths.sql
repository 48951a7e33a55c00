-- session_lengths: counts the sessions of the log months :first_month to :last_month anew.
-- Of levels that changed in a session the larger text counts, which is paid.
DELETE FROM session_lengths
WHERE log_month BETWEEN :first_month AND :last_month;

INSERT INTO session_lengths (log_month, level, minutes_from, sessions, plays, seconds)
SELECT
    s.log_month,
    s.level,
    CASE
        WHEN s.milliseconds < 300000 THEN 0
        WHEN s.milliseconds < 900000 THEN 5
        WHEN s.milliseconds < 1800000 THEN 15
        WHEN s.milliseconds < 3600000 THEN 30
        WHEN s.milliseconds < 7200000 THEN 60
        WHEN s.milliseconds < 14400000 THEN 120
        WHEN s.milliseconds < 28800000 THEN 240
        ELSE 480
    END AS minutes_from,
    COUNT(*) AS sessions,
    SUM(s.plays) AS plays,
    CAST(FLOOR(SUM(s.milliseconds) / 1000.0) AS BIGINT) AS seconds
FROM (
    SELECT
        p.log_month,
        p.session_id,
        p.user_id,
        COALESCE(MAX(p.level), 'unknown') AS level,
        COUNT(*) AS plays,
        DATEDIFF(ms, MIN(p.start_time), MAX(p.start_time)) AS milliseconds
    FROM songplays AS p
    WHERE p.log_month BETWEEN :first_month AND :last_month AND p.session_id IS NOT NULL
    GROUP BY 1, 2, 3
) AS s
GROUP BY 1, 2, 3;
