-- How much do free and paid listeners play, month by month?
SELECT
    p.log_month,
    p.level,
    COUNT(*) AS plays,
    COUNT(DISTINCT p.user_id) AS listeners,
    COUNT(DISTINCT p.session_id) AS sessions
FROM songplays AS p
GROUP BY p.log_month, p.level
ORDER BY p.log_month, p.level;
