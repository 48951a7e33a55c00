-- The first file version that came after load :after_load_id; where none came, the number that the next would get. Both
-- numbers grow, so what came since is all from this one on.
SELECT COALESCE(MIN(CASE WHEN f.load_id > :after_load_id THEN f.file_id END), MAX(f.file_id) + 1, 1) AS file_id
FROM load_files AS f;
