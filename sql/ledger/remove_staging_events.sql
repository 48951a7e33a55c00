-- Takes the rows of the file versions in build_removed out of staging_events, and remembers the users who lose events.
INSERT INTO retracted_keys (load_id, entity, entity_key)
SELECT DISTINCT
    CAST(:load_id AS BIGINT) AS load_id,
    CAST('user' AS VARCHAR(16)) AS entity,
    CAST(e.user_id AS VARCHAR(20)) AS entity_key
FROM staging_events AS e
INNER JOIN build_removed AS r ON e.file_id = r.file_id
WHERE e.user_id IS NOT NULL;

DELETE FROM staging_events
WHERE file_id IN (SELECT r.file_id FROM build_removed AS r);
