-- Events by log month.
SELECT
    e.log_month,
    COUNT(*) AS events
FROM staging_events AS e
GROUP BY e.log_month
ORDER BY e.log_month;
