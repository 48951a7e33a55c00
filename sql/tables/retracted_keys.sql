-- Keys that lost a record when a file was replaced or pruned: what was built from them has to be looked at again. Few:
-- Redshift chooses the distribution. Sorted by the load, since only those of the latest loads are asked for.
CREATE TABLE IF NOT EXISTS retracted_keys (
    load_id BIGINT NOT NULL,
    entity VARCHAR(16) NOT NULL,
    entity_key VARCHAR(64) NOT NULL,
    FOREIGN KEY (load_id) REFERENCES loads (load_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (load_id);

COMMENT ON TABLE retracted_keys IS
'Users, songs and artists that lost staged records in a load, by replaced or pruned files.';
COMMENT ON COLUMN retracted_keys.load_id IS 'The load that removed the records.';
COMMENT ON COLUMN retracted_keys.entity IS 'What the key names. One of: user, song, artist.';
COMMENT ON COLUMN retracted_keys.entity_key IS 'The key, as text.';
