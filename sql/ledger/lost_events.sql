-- Whether users lost events, by replaced or pruned files, after load :after_load_id.
SELECT COUNT(*) > 0 AS events_lost
FROM retracted_keys AS k
WHERE k.load_id > :after_load_id AND k.entity = 'user';
