-- The files that are named by the errors of the last COPY of this session that failed as a whole.
SELECT DISTINCT BTRIM(e.file_name) AS file_name
FROM sys_load_error_detail AS e
WHERE
    e.query_id = (
        SELECT MAX(n.query_id)
        FROM sys_load_error_detail AS n
        WHERE n.session_id = PG_BACKEND_PID()
    );
