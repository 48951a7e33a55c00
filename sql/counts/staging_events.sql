-- Events by log month, of :first_month to :last_month.
SELECT
    e.log_month,
    COUNT(*) AS events
FROM staging_events AS e
WHERE e.log_month BETWEEN :first_month AND :last_month
GROUP BY e.log_month
ORDER BY e.log_month;
