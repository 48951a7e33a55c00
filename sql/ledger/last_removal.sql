-- The last load that replaced or pruned rows of events.
SELECT COALESCE(MAX(f.removed_by), 0) AS load_id
FROM load_files AS f
WHERE f.table_name = 'staging_events';
