-- The rejected records of file versions that the lake held last, whole: pieces of a long one follow each other.
SELECT
    f.file_key,
    r.line_number,
    r.reason,
    r.encoding,
    r.piece,
    r.raw_record,
    f.status
FROM rejected_records AS r
INNER JOIN load_files AS f ON r.file_id = f.file_id
WHERE
    f.removed_by IS NULL
    AND COALESCE(f.log_month, :first_month) BETWEEN :first_month AND :last_month
    AND (f.log_month IS NOT NULL OR :with_songs)
    AND NOT EXISTS (
        SELECT 1
        FROM load_files AS n
        WHERE n.table_name = f.table_name AND n.file_key = f.file_key AND n.file_id > f.file_id
    )
ORDER BY f.file_key, r.line_number, r.piece;
