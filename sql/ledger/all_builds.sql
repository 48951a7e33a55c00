-- How far every table is built, and by which version of its SQL.
SELECT
    b.table_name,
    b.log_month,
    b.sql_version
FROM table_builds AS b;
