-- Artists of the catalogue. Small beside the plays: a copy on every node, so that a join with it moves no data. Sorted
-- by the key that is joined on.
CREATE TABLE IF NOT EXISTS artists (
    artist_id VARCHAR(64) NOT NULL,
    name VARCHAR(1024),
    location VARCHAR(1024),
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    PRIMARY KEY (artist_id)
)
DISTSTYLE ALL
COMPOUND SORTKEY (artist_id);

COMMENT ON TABLE artists IS 'Artists of the catalogue: one row for each artist_id, all of it from one song record.';
COMMENT ON COLUMN artists.artist_id IS 'The artist. From: staging_songs.artist_id.';
COMMENT ON COLUMN artists.name IS 'The name that most of the artist''s songs carry. From: staging_songs.artist_name.';
COMMENT ON COLUMN artists.location IS 'Place, as text; NULL where unknown. From: staging_songs.artist_location.';
COMMENT ON COLUMN artists.latitude IS 'Latitude of the place, in degrees. From: staging_songs.artist_latitude.';
COMMENT ON COLUMN artists.longitude IS 'Longitude of the place, in degrees. From: staging_songs.artist_longitude.';
