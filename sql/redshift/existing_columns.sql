-- The columns of a schema's tables.
SELECT
    c.table_name,
    c.column_name,
    c.data_type,
    c.character_maximum_length,
    c.is_nullable
FROM information_schema.columns AS c
INNER JOIN information_schema.tables AS t ON c.table_schema = t.table_schema AND c.table_name = t.table_name
WHERE t.table_schema = :schema_name AND t.table_type = 'BASE TABLE';
