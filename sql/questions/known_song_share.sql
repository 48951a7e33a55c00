-- Of how many plays does the catalogue know the song?
SELECT
    p.log_month,
    SUM(p.plays) AS plays,
    SUM(p.known_plays) AS known_plays,
    CAST(SUM(p.known_plays) AS DOUBLE PRECISION) / SUM(p.plays) AS known_share
FROM plays_by_month AS p
GROUP BY p.log_month
ORDER BY p.log_month;
