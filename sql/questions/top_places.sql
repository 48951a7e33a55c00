-- Where do people listen?
SELECT
    p.location,
    SUM(p.plays) AS plays
FROM plays_by_place AS p
GROUP BY p.location
ORDER BY SUM(p.plays) DESC, p.location ASC NULLS LAST
LIMIT 20;
