-- One row for each record of the event logs, as the source has it; nothing is dropped.
-- Distributed by session_id, on which repeated events are looked for, and which spreads evenly. Sorted by ts, so that a
-- day or a month of events is read without the rest; a new day's events come at the end and need no sort.
CREATE TABLE IF NOT EXISTS staging_events (
    artist VARCHAR(1024),
    auth VARCHAR(64),
    first_name VARCHAR(1024),
    gender VARCHAR(16),
    item_in_session INTEGER,
    last_name VARCHAR(1024),
    length DOUBLE PRECISION,
    level VARCHAR(16),
    location VARCHAR(1024),
    method VARCHAR(16),
    page VARCHAR(64) NOT NULL,
    registration DOUBLE PRECISION,
    session_id BIGINT,
    song VARCHAR(1024),
    status INTEGER,
    ts TIMESTAMP NOT NULL,
    user_agent VARCHAR(4096),
    user_id BIGINT,
    log_month DATE NOT NULL,
    file_id BIGINT NOT NULL,
    FOREIGN KEY (file_id) REFERENCES load_files (file_id)
)
DISTKEY (session_id)
COMPOUND SORTKEY (ts);

COMMENT ON TABLE staging_events IS
'Event logs as they came: one row for each record of the log files, under snake_case names, with full precision.';
COMMENT ON COLUMN staging_events.artist IS 'Name of the artist of the song played. From: log_data.artist.';
COMMENT ON COLUMN staging_events.auth IS
'Whether the listener was logged in. One of: Logged In, Logged Out, Cancelled, Guest. From: log_data.auth.';
COMMENT ON COLUMN staging_events.first_name IS 'First name of the listener. From: log_data.firstName.';
COMMENT ON COLUMN staging_events.gender IS 'Gender of the listener. One of: F, M. From: log_data.gender.';
COMMENT ON COLUMN staging_events.item_in_session IS
'Number of the event within its session, from 0. From: log_data.itemInSession.';
COMMENT ON COLUMN staging_events.last_name IS 'Last name of the listener. From: log_data.lastName.';
COMMENT ON COLUMN staging_events.length IS 'Length of the song played, in seconds. From: log_data.length.';
COMMENT ON COLUMN staging_events.level IS
'Subscription at the time of the event. One of: free, paid. From: log_data.level.';
COMMENT ON COLUMN staging_events.location IS 'Where the listener was, as text. From: log_data.location.';
COMMENT ON COLUMN staging_events.method IS 'HTTP method of the request. One of: GET, PUT. From: log_data.method.';
COMMENT ON COLUMN staging_events.page IS
'Page that was asked for; NextSong is a play. One of: NextSong, Home, Login, Logout, Settings, Save Settings, About,
Help, Error, Upgrade, Submit Upgrade, Downgrade, Submit Downgrade, Register, Submit Registration, Cancel,
Cancellation Confirmation, Add Friend, Add to Playlist, Roll Advert, Thumbs Up, Thumbs Down. From: log_data.page.';
COMMENT ON COLUMN staging_events.registration IS
'When the listener registered, in epoch milliseconds, UTC. From: log_data.registration.';
COMMENT ON COLUMN staging_events.session_id IS 'The session of the listener. From: log_data.sessionId.';
COMMENT ON COLUMN staging_events.song IS 'Title of the song played. From: log_data.song.';
COMMENT ON COLUMN staging_events.status IS 'HTTP status of the answer. From: log_data.status.';
COMMENT ON COLUMN staging_events.ts IS 'When the event happened, UTC, to the millisecond. From: log_data.ts.';
COMMENT ON COLUMN staging_events.user_agent IS 'User agent of the browser, as sent. From: log_data.userAgent.';
COMMENT ON COLUMN staging_events.user_id IS
'The listener; NULL where nobody was logged in. From: log_data.userId.';
COMMENT ON COLUMN staging_events.log_month IS
'First day of the month in the path of the file: the partition of the row.';
COMMENT ON COLUMN staging_events.file_id IS 'The file version that brought the row, and through it the load.';
