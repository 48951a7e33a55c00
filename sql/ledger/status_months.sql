-- What is loaded of each log month.
SELECT
    f.log_month,
    SUM(CASE WHEN f.status = 'loaded' AND f.removed_by IS NULL THEN 1 ELSE 0 END) AS files_loaded,
    SUM(CASE WHEN f.status = 'loaded' AND f.removed_by IS NULL THEN f.rows_loaded ELSE 0 END) AS rows_loaded,
    SUM(CASE WHEN f.status = 'loaded' AND f.removed_by IS NULL THEN f.rows_rejected ELSE 0 END) AS rows_rejected,
    MAX(l.finished_at) AS last_load
FROM load_files AS f
INNER JOIN loads AS l ON f.load_id = l.load_id
WHERE f.table_name = 'staging_events'
GROUP BY f.log_month
ORDER BY f.log_month;
