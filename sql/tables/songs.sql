-- The catalogue. Small beside the plays: a copy on every node, so that a join with it moves no data. Sorted by the key
-- that is joined on.
CREATE TABLE IF NOT EXISTS songs (
    song_id VARCHAR(64) NOT NULL,
    title VARCHAR(1024),
    artist_id VARCHAR(64),
    year INTEGER,
    duration DOUBLE PRECISION,
    PRIMARY KEY (song_id),
    FOREIGN KEY (artist_id) REFERENCES artists (artist_id)
)
DISTSTYLE ALL
COMPOUND SORTKEY (song_id);

COMMENT ON TABLE songs IS 'Songs of the catalogue: one row for each song_id.';
COMMENT ON COLUMN songs.song_id IS 'The song. From: staging_songs.song_id.';
COMMENT ON COLUMN songs.title IS 'Title. From: staging_songs.title.';
COMMENT ON COLUMN songs.artist_id IS 'The artist. From: staging_songs.artist_id.';
COMMENT ON COLUMN songs.year IS 'Year of release; NULL where unknown. From: staging_songs.year.';
COMMENT ON COLUMN songs.duration IS 'Length, in seconds. From: staging_songs.duration.';
