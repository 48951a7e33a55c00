-- Notes how far a table without months is built.
DELETE FROM table_builds
WHERE table_name = :table_name;

INSERT INTO table_builds (table_name, log_month, load_id, build_number, sql_version, run_id, built_at)
SELECT
    CAST(:table_name AS VARCHAR(64)) AS table_name,
    CAST(NULL AS DATE) AS log_month,
    CAST(:load_id AS BIGINT) AS load_id,
    COALESCE(MAX(b.build_number), 0) + 1 AS build_number,
    CAST(:sql_version AS VARCHAR(64)) AS sql_version,
    CAST(:run_id AS VARCHAR(64)) AS run_id,
    CAST(:built_at AS TIMESTAMP) AS built_at
FROM table_builds AS b;
