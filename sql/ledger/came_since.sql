-- What came after load :after_load_id: the first file version (where none came, the number that the next would get;
-- both numbers grow, so all that came is from this one on), and whether users lost events, by replaced or pruned files.
SELECT
    (
        SELECT COALESCE(MIN(CASE WHEN f.load_id > :after_load_id THEN f.file_id END), MAX(f.file_id) + 1, 1)
        FROM load_files AS f
    ) AS first_file_id,
    (
        SELECT COUNT(*) > 0
        FROM retracted_keys AS k
        WHERE k.load_id > :after_load_id AND k.entity = 'user'
    ) AS events_lost;
