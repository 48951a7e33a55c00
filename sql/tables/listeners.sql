-- Analytics: a few rows for each day, week and month. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS listeners (
    period VARCHAR(8) NOT NULL,
    period_start DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    listeners BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    plays BIGINT NOT NULL,
    first_log_month DATE NOT NULL,
    last_log_month DATE NOT NULL,
    PRIMARY KEY (period, period_start, level)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (period, period_start);

COMMENT ON TABLE listeners IS
'Listeners and sessions a day, a week and a month: one row for each period in which something was played, and level.
Listeners of a week are not the sum of those of its days, since each counts once.';
COMMENT ON COLUMN listeners.period IS 'Kind of period. One of: day, week, month. From: songplays.start_time.';
COMMENT ON COLUMN listeners.period_start IS
'First day of the period, UTC; weeks begin on Monday. From: songplays.start_time.';
COMMENT ON COLUMN listeners.level IS
'Subscription of the listener at that time; all has those of every level, each once.
One of: all, free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN listeners.listeners IS 'Number of different listeners. From: songplays.user_id.';
COMMENT ON COLUMN listeners.sessions IS 'Number of different sessions. From: songplays.session_id.';
COMMENT ON COLUMN listeners.plays IS 'Number of plays. From: songplays.songplay_id.';
COMMENT ON COLUMN listeners.first_log_month IS
'First log month that holds plays of the period: a new build of it counts the period again. From: songplays.log_month.';
COMMENT ON COLUMN listeners.last_log_month IS 'Last log month that does. From: songplays.log_month.';
