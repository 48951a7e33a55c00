-- Files with fields that no column is made from.
SELECT
    f.file_key,
    f.unknown_fields
FROM load_files AS f
WHERE
    f.table_name = :table_name
    AND f.status = 'loaded'
    AND f.removed_by IS NULL
    AND f.unknown_fields IS NOT NULL
    AND COALESCE(f.log_month, :first_month) BETWEEN :first_month AND :last_month
