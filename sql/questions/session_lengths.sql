-- How long do people listen at a stretch?
-- From the beginning of a session's first song to that of its last.
SELECT
    CASE s.minutes_from
        WHEN 0 THEN 'less than 5 minutes'
        WHEN 5 THEN '5 to 15 minutes'
        WHEN 15 THEN '15 to 30 minutes'
        WHEN 30 THEN '30 to 60 minutes'
        WHEN 60 THEN '1 to 2 hours'
        WHEN 120 THEN '2 to 4 hours'
        WHEN 240 THEN '4 to 8 hours'
        ELSE '8 hours and more'
    END AS time_listened,
    SUM(s.sessions) AS sessions,
    SUM(s.plays) AS plays
FROM session_lengths AS s
GROUP BY s.minutes_from
ORDER BY s.minutes_from;
