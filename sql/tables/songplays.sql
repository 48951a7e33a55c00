-- The fact table. Distributed by song_id, the column that the largest joins of analysts use: plays of a song lie
-- together. Plays of unknown songs share one slice, so another key is worth a thought while most songs are unknown.
-- Sorted by start_time, since nearly every question names a period; a new day's plays come at the end and need no sort.
-- The key is unlike in each row, and made of few characters: nothing else packs it as well, nor as quickly.
CREATE TABLE IF NOT EXISTS songplays (
    songplay_id VARCHAR(96) ENCODE ZSTD NOT NULL,
    start_time TIMESTAMP NOT NULL,
    user_id BIGINT,
    level VARCHAR(16),
    song_id VARCHAR(64),
    artist_id VARCHAR(64),
    session_id BIGINT,
    location VARCHAR(1024),
    user_agent VARCHAR(4096),
    log_month DATE NOT NULL,
    file_id BIGINT NOT NULL,
    PRIMARY KEY (songplay_id),
    FOREIGN KEY (start_time) REFERENCES time (start_time),
    FOREIGN KEY (user_id) REFERENCES users (user_id),
    FOREIGN KEY (song_id) REFERENCES songs (song_id),
    FOREIGN KEY (artist_id) REFERENCES artists (artist_id)
)
DISTKEY (song_id)
COMPOUND SORTKEY (start_time);

COMMENT ON TABLE songplays IS
'Plays of songs: one row for each staged event whose page is NextSong, each counted once.';
COMMENT ON COLUMN songplays.songplay_id IS
'The play: user, session, item in session and epoch milliseconds, joined by colons; the same in every load and engine.
From: staging_events.user_id, staging_events.session_id, staging_events.item_in_session, staging_events.ts.';
COMMENT ON COLUMN songplays.start_time IS 'When the song began to play, UTC. From: staging_events.ts.';
COMMENT ON COLUMN songplays.user_id IS 'Who listened. From: staging_events.user_id.';
COMMENT ON COLUMN songplays.level IS
'Subscription of the listener at that time. One of: free, paid. From: staging_events.level.';
COMMENT ON COLUMN songplays.song_id IS
'The song, where the catalogue knows it; else NULL. From: staging_songs.song_id, staging_songs.title,
staging_songs.artist_name, staging_songs.duration, staging_events.song, staging_events.artist, staging_events.length.';
COMMENT ON COLUMN songplays.artist_id IS
'The artist of the song, where the catalogue knows it; else NULL. From: staging_songs.artist_id, staging_songs.title,
staging_songs.artist_name, staging_songs.duration, staging_events.song, staging_events.artist, staging_events.length.';
COMMENT ON COLUMN songplays.session_id IS 'The session of the listener. From: staging_events.session_id.';
COMMENT ON COLUMN songplays.location IS 'Where the listener was, as text. From: staging_events.location.';
COMMENT ON COLUMN songplays.user_agent IS 'User agent of the browser, as sent. From: staging_events.user_agent.';
COMMENT ON COLUMN songplays.log_month IS
'First day of the month in the path of the file that holds the play: the partition. From: staging_events.log_month.';
COMMENT ON COLUMN songplays.file_id IS 'The file version that holds the play. From: staging_events.file_id.';
