-- One row for each song record, as the source has it. Small beside the events: a copy on every node, so that matching
-- plays with songs moves no data. Sorted by song_id, on which songs are rebuilt.
CREATE TABLE IF NOT EXISTS staging_songs (
    num_songs INTEGER,
    artist_id VARCHAR(64),
    artist_latitude DOUBLE PRECISION,
    artist_longitude DOUBLE PRECISION,
    artist_location VARCHAR(1024),
    artist_name VARCHAR(1024),
    song_id VARCHAR(64),
    title VARCHAR(1024),
    duration DOUBLE PRECISION,
    year INTEGER,
    file_id BIGINT NOT NULL,
    FOREIGN KEY (file_id) REFERENCES load_files (file_id)
)
DISTSTYLE ALL
COMPOUND SORTKEY (song_id);

COMMENT ON TABLE staging_songs IS
'Song files as they came: one row for each file of the song catalogue, under snake_case names, with full precision.';
COMMENT ON COLUMN staging_songs.num_songs IS 'Number of songs in the record. From: song_data.num_songs.';
COMMENT ON COLUMN staging_songs.artist_id IS 'The artist. From: song_data.artist_id.';
COMMENT ON COLUMN staging_songs.artist_latitude IS
'Latitude of the artist''s place, in degrees. From: song_data.artist_latitude.';
COMMENT ON COLUMN staging_songs.artist_longitude IS
'Longitude of the artist''s place, in degrees. From: song_data.artist_longitude.';
COMMENT ON COLUMN staging_songs.artist_location IS 'The artist''s place, as text. From: song_data.artist_location.';
COMMENT ON COLUMN staging_songs.artist_name IS 'Name of the artist on this song. From: song_data.artist_name.';
COMMENT ON COLUMN staging_songs.song_id IS 'The song. From: song_data.song_id.';
COMMENT ON COLUMN staging_songs.title IS 'Title of the song. From: song_data.title.';
COMMENT ON COLUMN staging_songs.duration IS 'Length of the song, in seconds. From: song_data.duration.';
COMMENT ON COLUMN staging_songs.year IS 'Year of release; 0 where unknown. From: song_data.year.';
COMMENT ON COLUMN staging_songs.file_id IS 'The file version that brought the row, and through it the load.';
