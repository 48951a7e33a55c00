-- Log months of which files are loaded.
SELECT DISTINCT f.log_month
FROM load_files AS f
WHERE f.table_name = 'staging_events' AND f.status = 'loaded' AND f.removed_by IS NULL
ORDER BY f.log_month;
