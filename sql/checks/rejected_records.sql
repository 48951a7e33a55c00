-- Records that were rejected from files that are in place otherwise.
SELECT
    f.file_key,
    r.line_number,
    r.reason
FROM load_files AS f
INNER JOIN rejected_records AS r ON f.file_id = r.file_id
WHERE
    f.table_name = :table_name
    AND f.status = 'loaded'
    AND f.removed_by IS NULL
    AND r.piece = 1
    AND COALESCE(f.log_month, :first_month) BETWEEN :first_month AND :last_month
