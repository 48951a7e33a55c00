-- On which days of the week do people listen?
SELECT
    CASE p.weekday
        WHEN 0 THEN 'Sunday'
        WHEN 1 THEN 'Monday'
        WHEN 2 THEN 'Tuesday'
        WHEN 3 THEN 'Wednesday'
        WHEN 4 THEN 'Thursday'
        WHEN 5 THEN 'Friday'
        ELSE 'Saturday'
    END AS day_of_week,
    SUM(p.plays) AS plays
FROM plays_by_hour AS p
GROUP BY p.weekday
ORDER BY p.weekday;
