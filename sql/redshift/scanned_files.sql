-- The files that the last COPY of this session read, with their records, good and bad.
SELECT
    BTRIM(d.file_name) AS file_name,
    SUM(d.lines_scanned) AS records
FROM sys_load_detail AS d
WHERE d.query_id = PG_LAST_COPY_ID()
GROUP BY BTRIM(d.file_name);
