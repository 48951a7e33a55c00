-- Notes how far the moments of the log months :first_month to :last_month are built: as far as the plays are.
DELETE FROM table_builds
WHERE table_name = 'time' AND log_month BETWEEN :first_month AND :last_month;

INSERT INTO table_builds (table_name, log_month, load_id, build_number, sql_version, run_id, built_at)
SELECT
    CAST('time' AS VARCHAR(64)) AS table_name,
    p.log_month,
    p.load_id,
    (SELECT MAX(b.build_number) + 1 FROM table_builds AS b) AS build_number,
    CAST(:sql_version AS VARCHAR(64)) AS sql_version,
    CAST(:run_id AS VARCHAR(64)) AS run_id,
    CAST(:built_at AS TIMESTAMP) AS built_at
FROM table_builds AS p
WHERE p.table_name = 'songplays' AND p.log_month BETWEEN :first_month AND :last_month;
