-- The log months in which something was played.
SELECT DISTINCT log_month
FROM plays_by_month
ORDER BY log_month;
