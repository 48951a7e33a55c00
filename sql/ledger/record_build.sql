-- Notes how far a table without months is built.
DELETE FROM table_builds
WHERE table_name = :table_name;

INSERT INTO table_builds (table_name, log_month, load_id, sql_version, run_id, built_at)
VALUES (:table_name, NULL, :load_id, :sql_version, :run_id, :built_at);
