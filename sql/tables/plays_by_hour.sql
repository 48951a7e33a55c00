-- Analytics: at most 168 rows for each month and level. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS plays_by_hour (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    weekday INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    plays BIGINT NOT NULL,
    PRIMARY KEY (log_month, level, weekday, hour)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE plays_by_hour IS
'Plays by weekday and hour: one row for each log month, level, day of the week and hour in which something was played.';
COMMENT ON COLUMN plays_by_hour.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN plays_by_hour.level IS
'Subscription of the listener at that time. One of: free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN plays_by_hour.weekday IS
'Day of the week, UTC; 0 is Sunday. One of: 0, 1, 2, 3, 4, 5, 6. From: songplays.start_time.';
COMMENT ON COLUMN plays_by_hour.hour IS 'Hour of the day, 0 to 23, UTC. From: songplays.start_time.';
COMMENT ON COLUMN plays_by_hour.plays IS 'Number of plays. From: songplays.songplay_id.';
