-- Plays by log month.
SELECT
    p.log_month,
    COUNT(*) AS plays
FROM songplays AS p
GROUP BY p.log_month
ORDER BY p.log_month;
