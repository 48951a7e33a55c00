-- Who comes back, month after month?
-- Listeners by the month of their first play: how many of them listened so many months later.
SELECT
    r.cohort_month,
    r.cohort_size,
    r.listeners,
    DATEDIFF(month, r.cohort_month, r.log_month) AS months_later,
    CAST(r.listeners AS DOUBLE PRECISION) / r.cohort_size AS listening_share
FROM retention AS r
WHERE r.log_month >= r.cohort_month
ORDER BY r.cohort_month, r.log_month;
