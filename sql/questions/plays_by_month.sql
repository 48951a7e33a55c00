-- How much do free and paid listeners play, month by month?
SELECT
    p.log_month,
    p.level,
    p.plays
FROM plays_by_month AS p
ORDER BY p.log_month, p.level;
