-- Analytics: far fewer rows than plays. Redshift chooses the distribution. Sorted by month, as it is built and asked.
CREATE TABLE IF NOT EXISTS plays_by_song (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    song_id VARCHAR(64),
    artist_id VARCHAR(64),
    plays BIGINT NOT NULL,
    FOREIGN KEY (song_id) REFERENCES songs (song_id),
    FOREIGN KEY (artist_id) REFERENCES artists (artist_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE plays_by_song IS
'Plays by song: one row for each log month, level and song of the catalogue, and one for the plays of unknown songs.';
COMMENT ON COLUMN plays_by_song.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN plays_by_song.level IS
'Subscription of the listener at that time. One of: free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN plays_by_song.song_id IS
'The song; NULL for all plays whose song the catalogue does not know. From: songplays.song_id.';
COMMENT ON COLUMN plays_by_song.artist_id IS 'The artist of the song; NULL as there. From: songplays.artist_id.';
COMMENT ON COLUMN plays_by_song.plays IS 'Number of plays. From: songplays.songplay_id.';
