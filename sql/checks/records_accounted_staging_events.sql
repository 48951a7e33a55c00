-- Files of which the ledger, the rows in place and the records kept aside don't agree: for every file,
-- records = rows loaded + rows rejected.
SELECT
    f.file_key,
    f.records,
    f.rows_loaded,
    f.rows_rejected,
    COALESCE(e.staged, 0) AS rows_staged,
    COALESCE(r.kept, 0) AS records_kept
FROM load_files AS f
LEFT JOIN (
    SELECT
        s.file_id,
        COUNT(*) AS staged
    FROM staging_events AS s
    WHERE s.log_month BETWEEN :first_month AND :last_month
    GROUP BY s.file_id
) AS e ON f.file_id = e.file_id
LEFT JOIN (
    SELECT
        k.file_id,
        COUNT(*) AS kept
    FROM rejected_records AS k
    WHERE k.piece = 1
    GROUP BY k.file_id
) AS r ON f.file_id = r.file_id
WHERE
    f.table_name = 'staging_events'
    AND f.log_month BETWEEN :first_month AND :last_month
    AND f.removed_by IS NULL
    AND f.status = 'loaded'
    AND (
        f.records <> f.rows_loaded + f.rows_rejected
        OR f.rows_loaded <> COALESCE(e.staged, 0)
        OR f.rows_rejected <> COALESCE(r.kept, 0)
    )
