-- The history of subscriptions, a type-2 dimension. Redshift chooses the distribution, as for users; sorted so that the
-- stretches of a user lie together, in order.
CREATE TABLE IF NOT EXISTS user_levels (
    user_id BIGINT NOT NULL,
    level VARCHAR(16) NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_to TIMESTAMP,
    is_current BOOLEAN NOT NULL,
    last_seen TIMESTAMP NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (user_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (user_id, valid_from);

COMMENT ON TABLE user_levels IS
'History of subscriptions: one row for each stretch of events of a user with the same level, without gap or overlap.';
COMMENT ON COLUMN user_levels.user_id IS 'The listener. From: staging_events.user_id.';
COMMENT ON COLUMN user_levels.level IS
'Subscription during this stretch. One of: free, paid. From: staging_events.level.';
COMMENT ON COLUMN user_levels.valid_from IS 'First event of the stretch, UTC. From: staging_events.ts.';
COMMENT ON COLUMN user_levels.valid_to IS
'First event of the next stretch, UTC; NULL for the current one. From: staging_events.ts.';
COMMENT ON COLUMN user_levels.is_current IS 'Whether this is the latest stretch of the user. From: staging_events.ts.';
COMMENT ON COLUMN user_levels.last_seen IS
'Latest event of the stretch, UTC: what comes later goes on from here. From: staging_events.ts.';
