-- Listeners as of now. Redshift chooses the distribution: a copy on every node while they are few, by key once they are
-- many. Sorted by the key that is joined on.
CREATE TABLE IF NOT EXISTS users (
    user_id BIGINT NOT NULL,
    first_name VARCHAR(1024),
    last_name VARCHAR(1024),
    gender VARCHAR(16),
    level VARCHAR(16),
    last_seen TIMESTAMP NOT NULL,
    last_item INTEGER,
    PRIMARY KEY (user_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (user_id);

COMMENT ON TABLE users IS 'Listeners: one row for each user_id in the events, as of the user''s latest event.';
COMMENT ON COLUMN users.user_id IS 'The listener. From: staging_events.user_id.';
COMMENT ON COLUMN users.first_name IS 'First name. From: staging_events.first_name.';
COMMENT ON COLUMN users.last_name IS 'Last name. From: staging_events.last_name.';
COMMENT ON COLUMN users.gender IS 'Gender. One of: F, M. From: staging_events.gender.';
COMMENT ON COLUMN users.level IS
'Subscription as of the latest event; its history is in user_levels. One of: free, paid. From: staging_events.level.';
COMMENT ON COLUMN users.last_seen IS 'The latest event, UTC: the row is as of then. From: staging_events.ts.';
COMMENT ON COLUMN users.last_item IS
'Number of the latest event in its session, by which events of the same moment are in order.
From: staging_events.item_in_session.';
