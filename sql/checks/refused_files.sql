-- Files that were refused whole, in the version that the lake held last: why, and the first bad lines.
SELECT
    f.file_key,
    f.note AS reason,
    f.records,
    MIN(r.line_number) AS first_bad_line,
    MIN(r.reason) AS for_example
FROM load_files AS f
LEFT JOIN rejected_records AS r ON f.file_id = r.file_id
WHERE
    f.table_name = :table_name
    AND f.status = 'refused'
    AND COALESCE(f.log_month, :first_month) BETWEEN :first_month AND :last_month
    AND NOT EXISTS (
        SELECT 1
        FROM load_files AS n
        WHERE n.table_name = f.table_name AND n.file_key = f.file_key AND n.file_id > f.file_id
    )
GROUP BY f.file_key, f.note, f.records
