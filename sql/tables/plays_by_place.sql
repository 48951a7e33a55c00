-- Analytics: a row for each place of a month. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS plays_by_place (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    location VARCHAR(1024),
    plays BIGINT NOT NULL
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE plays_by_place IS
'Plays by place: one row for each log month, level and place of the listeners.';
COMMENT ON COLUMN plays_by_place.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN plays_by_place.level IS
'Subscription of the listener at that time. One of: free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN plays_by_place.location IS
'Where the listeners were, as text; NULL where unknown. From: songplays.location.';
COMMENT ON COLUMN plays_by_place.plays IS 'Number of plays. From: songplays.songplay_id.';
