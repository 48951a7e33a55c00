-- Analytics: some ten rows for each month and level. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS session_lengths (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    minutes_from INTEGER NOT NULL,
    sessions BIGINT NOT NULL,
    plays BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    PRIMARY KEY (log_month, level, minutes_from)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE session_lengths IS
'Sessions by length: one row for each log month, level and class of length. A session lasts from the beginning of its
first song to that of its last; where it goes on into another log month, each month has its part.';
COMMENT ON COLUMN session_lengths.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN session_lengths.level IS
'Subscription of the listener: paid where a play of the session was. One of: free, paid, unknown.
From: songplays.level.';
COMMENT ON COLUMN session_lengths.minutes_from IS
'Least minutes of the class; the next class begins where it ends. One of: 0, 5, 15, 30, 60, 120, 240, 480.
From: songplays.start_time.';
COMMENT ON COLUMN session_lengths.sessions IS 'Number of sessions. From: songplays.session_id, songplays.user_id.';
COMMENT ON COLUMN session_lengths.plays IS 'Number of plays in them. From: songplays.songplay_id.';
COMMENT ON COLUMN session_lengths.seconds IS 'Length of all of them together, in seconds. From: songplays.start_time.';
