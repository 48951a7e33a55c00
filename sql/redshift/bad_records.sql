-- The records that the last COPY of this session left out, by file.
SELECT
    BTRIM(e.file_name) AS file_name,
    COUNT(DISTINCT e.line_number) AS records
FROM sys_load_error_detail AS e
WHERE e.query_id = PG_LAST_COPY_ID()
GROUP BY BTRIM(e.file_name);
