-- How far a table is built, by log month; NULL for a table without months.
SELECT
    b.log_month,
    b.load_id,
    b.sql_version
FROM table_builds AS b
WHERE b.table_name = :table_name;
