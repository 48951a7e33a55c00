-- How far every table is built, in which order, and by which version of its SQL.
SELECT
    b.table_name,
    b.log_month,
    b.build_number,
    b.sql_version
FROM table_builds AS b;
