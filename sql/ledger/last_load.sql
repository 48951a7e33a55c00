-- The last load of all.
SELECT COALESCE(MAX(l.load_id), 0) AS load_id
FROM loads AS l;
