-- Rows that the files of a load brought.
SELECT
    e.file_id,
    COUNT(*) AS rows_loaded
FROM staging_events AS e
WHERE e.file_id >= :first_file_id
GROUP BY e.file_id;
