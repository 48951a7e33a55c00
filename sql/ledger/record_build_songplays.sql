-- Notes how far the plays of the log months :first_month to :last_month are built.
DELETE FROM table_builds
WHERE table_name = 'songplays' AND log_month BETWEEN :first_month AND :last_month;

INSERT INTO table_builds (table_name, log_month, load_id, build_number, sql_version, run_id, built_at)
SELECT
    CAST('songplays' AS VARCHAR(64)) AS table_name,
    m.log_month,
    CAST(:load_id AS BIGINT) AS load_id,
    (SELECT COALESCE(MAX(b.build_number), 0) + 1 FROM table_builds AS b) AS build_number,
    CAST(:sql_version AS VARCHAR(64)) AS sql_version,
    CAST(:run_id AS VARCHAR(64)) AS run_id,
    CAST(:built_at AS TIMESTAMP) AS built_at
FROM (
    SELECT DISTINCT f.log_month
    FROM load_files AS f
    WHERE f.table_name = 'staging_events' AND f.log_month BETWEEN :first_month AND :last_month
) AS m;
