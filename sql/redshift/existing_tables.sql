-- The tables of a schema.
SELECT t.table_name
FROM information_schema.tables AS t
WHERE t.table_schema = :schema_name AND t.table_type = 'BASE TABLE';
