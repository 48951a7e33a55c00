-- Analytics: a row for each kind of device and browser of a month. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS plays_by_device (
    log_month DATE NOT NULL,
    level VARCHAR(16) NOT NULL,
    device VARCHAR(32) NOT NULL,
    browser VARCHAR(32) NOT NULL,
    plays BIGINT NOT NULL,
    PRIMARY KEY (log_month, level, device, browser)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE plays_by_device IS
'Plays by device and browser: one row for each log month, level, device and browser, as user agents tell them.';
COMMENT ON COLUMN plays_by_device.log_month IS 'First day of the log month. From: songplays.log_month.';
COMMENT ON COLUMN plays_by_device.level IS
'Subscription of the listener at that time. One of: free, paid, unknown. From: songplays.level.';
COMMENT ON COLUMN plays_by_device.device IS
'Device or system. One of: Windows, Mac, Linux, Chrome OS, iPhone, iPad, Android, other. From: songplays.user_agent.';
COMMENT ON COLUMN plays_by_device.browser IS
'Browser. One of: Chrome, Firefox, Safari, Internet Explorer, Edge, Opera, other. From: songplays.user_agent.';
COMMENT ON COLUMN plays_by_device.plays IS 'Number of plays. From: songplays.songplay_id.';
