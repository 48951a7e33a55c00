-- Analytics: a row for each two months. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS retention (
    log_month DATE NOT NULL,
    cohort_month DATE NOT NULL,
    cohort_size BIGINT NOT NULL,
    listeners BIGINT NOT NULL,
    PRIMARY KEY (log_month, cohort_month)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (log_month);

COMMENT ON TABLE retention IS
'Retention: one row for each log month and each cohort (listeners whose first play is in the same month) that listened
in it.';
COMMENT ON COLUMN retention.log_month IS
'First day of the log month in which they listened. From: plays_by_listener.log_month.';
COMMENT ON COLUMN retention.cohort_month IS
'First day of the first log month in which they did. From: plays_by_listener.log_month.';
COMMENT ON COLUMN retention.cohort_size IS 'Number of listeners of the cohort. From: plays_by_listener.user_id.';
COMMENT ON COLUMN retention.listeners IS
'Number of those who listened in the log month. From: plays_by_listener.user_id.';
