-- Rows that the files of a load brought.
SELECT
    s.file_id,
    COUNT(*) AS rows_loaded
FROM staging_songs AS s
WHERE s.file_id >= :first_file_id
GROUP BY s.file_id;
