-- Analytics: at most as many rows as the catalogue. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS songs_never_played (
    song_id VARCHAR(64) NOT NULL,
    title VARCHAR(1024),
    artist_name VARCHAR(1024),
    year INTEGER,
    PRIMARY KEY (song_id),
    FOREIGN KEY (song_id) REFERENCES songs (song_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (song_id);

COMMENT ON TABLE songs_never_played IS 'Songs of the catalogue that nobody has played: one row for each.';
COMMENT ON COLUMN songs_never_played.song_id IS 'The song. From: songs.song_id, plays_by_song.song_id.';
COMMENT ON COLUMN songs_never_played.title IS 'Title. From: songs.title.';
COMMENT ON COLUMN songs_never_played.artist_name IS 'Name of the artist. From: artists.name.';
COMMENT ON COLUMN songs_never_played.year IS 'Year of release; NULL where unknown. From: songs.year.';
