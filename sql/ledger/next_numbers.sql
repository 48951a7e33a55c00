-- The numbers that the next load and its first file version get.
SELECT
    (SELECT COALESCE(MAX(l.load_id), 0) + 1 FROM loads AS l) AS load_id,
    (SELECT COALESCE(MAX(f.file_id), 0) + 1 FROM load_files AS f) AS file_id;
