-- Events that happened in another month than that of their file.
SELECT
    f.file_key,
    e.log_month,
    e.ts,
    e.user_id,
    e.session_id,
    e.item_in_session
FROM staging_events AS e
INNER JOIN load_files AS f ON e.file_id = f.file_id
WHERE
    e.log_month BETWEEN :first_month AND :last_month
    AND CAST(DATE_TRUNC('month', e.ts) AS DATE) <> e.log_month
