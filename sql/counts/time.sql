-- Moments by month, of :first_month to :last_month.
SELECT
    CAST(DATE_TRUNC('month', t.start_time) AS DATE) AS log_month,
    COUNT(*) AS moments
FROM time AS t
WHERE t.start_time >= :first_month AND t.start_time < DATEADD(month, 1, CAST(:last_month AS TIMESTAMP))
GROUP BY CAST(DATE_TRUNC('month', t.start_time) AS DATE)
ORDER BY CAST(DATE_TRUNC('month', t.start_time) AS DATE);
