-- Analytics: a row for each month and level, so small that Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS plays_by_month (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    plays BIGINT NOT NULL,
    known_plays BIGINT NOT NULL,
    PRIMARY KEY (log_month, level)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE plays_by_month IS
'Plays by month: one row for each log month and level, with the plays of which the catalogue knows the song.';
COMMENT ON COLUMN plays_by_month.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN plays_by_month.level IS
'Subscription of the listener at that time. One of: free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN plays_by_month.plays IS 'Number of plays. From: songplays.songplay_id.';
COMMENT ON COLUMN plays_by_month.known_plays IS
'Number of plays whose song the catalogue knows. From: songplays.song_id.';
