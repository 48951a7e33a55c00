-- Moments by month.
SELECT
    CAST(DATE_TRUNC('month', t.start_time) AS DATE) AS log_month,
    COUNT(*) AS moments
FROM time AS t
GROUP BY CAST(DATE_TRUNC('month', t.start_time) AS DATE)
ORDER BY CAST(DATE_TRUNC('month', t.start_time) AS DATE);
