-- At which hours (UTC) do people listen?
SELECT
    p.hour,
    SUM(p.plays) AS plays
FROM plays_by_hour AS p
GROUP BY p.hour
ORDER BY p.hour;
