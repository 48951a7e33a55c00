-- The first and the last day of a range of months on which something was played.
SELECT
    MIN(period_start) AS first_day,
    MAX(period_start) AS last_day
FROM listeners
WHERE period = 'day' AND level = 'all' AND first_log_month BETWEEN :first_month AND :last_month;
