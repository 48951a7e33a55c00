-- Takes the rows of the file versions in build_removed out of staging_songs, and remembers the songs and artists that
-- lose records.
INSERT INTO retracted_keys (load_id, entity, entity_key)
SELECT DISTINCT
    CAST(:load_id AS BIGINT) AS load_id,
    CAST('song' AS VARCHAR(16)) AS entity,
    s.song_id AS entity_key
FROM staging_songs AS s
INNER JOIN build_removed AS r ON s.file_id = r.file_id
WHERE s.song_id IS NOT NULL
UNION ALL
SELECT DISTINCT
    CAST(:load_id AS BIGINT) AS load_id,
    CAST('artist' AS VARCHAR(16)) AS entity,
    s.artist_id AS entity_key
FROM staging_songs AS s
INNER JOIN build_removed AS r ON s.file_id = r.file_id
WHERE s.artist_id IS NOT NULL;

DELETE FROM staging_songs
WHERE file_id IN (SELECT r.file_id FROM build_removed AS r);
