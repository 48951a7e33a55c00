-- The versions of files that the ledger knows for a table, in the order in which they were loaded; songs have no month.
SELECT
    f.file_id,
    f.file_key,
    f.etag,
    f.file_size,
    f.log_month,
    f.status,
    f.removed_by
FROM load_files AS f
WHERE
    f.table_name = :table_name
    AND COALESCE(f.log_month, :first_month) BETWEEN :first_month AND :last_month
ORDER BY f.file_id;
