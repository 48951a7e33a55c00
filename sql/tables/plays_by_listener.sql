-- Analytics: a row for each listener of a month, a hundredth of the plays or less. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS plays_by_listener (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    user_id BIGINT,
    plays BIGINT NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (user_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE plays_by_listener IS
'Plays by listener: one row for each log month, level and listener, and one for the plays of nobody known.';
COMMENT ON COLUMN plays_by_listener.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN plays_by_listener.level IS
'Subscription of the listener at that time. One of: free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN plays_by_listener.user_id IS 'The listener; NULL where unknown. From: songplays.user_id.';
COMMENT ON COLUMN plays_by_listener.plays IS 'Number of plays. From: songplays.songplay_id.';
