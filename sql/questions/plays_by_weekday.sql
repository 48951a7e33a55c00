-- On which days of the week do people listen? 0 is Sunday.
SELECT
    t.weekday,
    COUNT(*) AS plays,
    COUNT(DISTINCT p.user_id) AS listeners
FROM songplays AS p
INNER JOIN time AS t ON p.start_time = t.start_time
GROUP BY t.weekday
ORDER BY t.weekday;
