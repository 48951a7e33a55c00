-- Analytics: a row for each month. Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS subscriptions (
    month_start DATE NOT NULL,
    free_listeners BIGINT NOT NULL,
    paid_listeners BIGINT NOT NULL,
    new_free BIGINT NOT NULL,
    new_paid BIGINT NOT NULL,
    upgrades BIGINT NOT NULL,
    downgrades BIGINT NOT NULL,
    PRIMARY KEY (month_start)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (month_start);

COMMENT ON TABLE subscriptions IS
'Subscriptions by month: one row for each month, with the listeners of each level at its end and what changed in it.';
COMMENT ON COLUMN subscriptions.month_start IS
'First day of the month, UTC. From: user_levels.valid_from, plays_by_month.log_month.';
COMMENT ON COLUMN subscriptions.free_listeners IS
'Number of listeners whose level is free at the end of the month. From: user_levels.user_id, user_levels.level.';
COMMENT ON COLUMN subscriptions.paid_listeners IS
'Number of listeners whose level is paid at the end of the month. From: user_levels.user_id, user_levels.level.';
COMMENT ON COLUMN subscriptions.new_free IS
'Number of listeners who came in the month with level free. From: user_levels.valid_from, user_levels.level.';
COMMENT ON COLUMN subscriptions.new_paid IS
'Number of listeners who came in the month with level paid. From: user_levels.valid_from, user_levels.level.';
COMMENT ON COLUMN subscriptions.upgrades IS
'Conversions: changes from free to paid in the month. From: user_levels.valid_from, user_levels.level.';
COMMENT ON COLUMN subscriptions.downgrades IS
'Churn: changes from paid to free in the month. From: user_levels.valid_from, user_levels.level.';
