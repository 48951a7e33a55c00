-- Moments at which a song began, taken apart: nearly as many as plays, so not for a copy on every node. Distributed by
-- the moment, which spreads evenly, and sorted by it, as the plays are, so that both sides of a join come in order.
CREATE TABLE IF NOT EXISTS time (
    start_time TIMESTAMP NOT NULL,
    hour INTEGER NOT NULL,
    day INTEGER NOT NULL,
    week INTEGER NOT NULL,
    month INTEGER NOT NULL,
    year INTEGER NOT NULL,
    weekday INTEGER NOT NULL,
    PRIMARY KEY (start_time)
)
DISTKEY (start_time)
COMPOUND SORTKEY (start_time);

COMMENT ON TABLE time IS 'Moments at which a song began to play: one row for each distinct start_time, taken apart.';
COMMENT ON COLUMN time.start_time IS 'The moment, UTC, to the millisecond. From: songplays.start_time.';
COMMENT ON COLUMN time.hour IS 'Hour, 0 to 23, UTC. From: songplays.start_time.';
COMMENT ON COLUMN time.day IS 'Day of the month, 1 to 31. From: songplays.start_time.';
COMMENT ON COLUMN time.week IS 'ISO week, 1 to 53. From: songplays.start_time.';
COMMENT ON COLUMN time.month IS 'Month, 1 to 12. From: songplays.start_time.';
COMMENT ON COLUMN time.year IS 'Year. From: songplays.start_time.';
COMMENT ON COLUMN time.weekday IS
'Day of the week; 0 is Sunday. One of: 0, 1, 2, 3, 4, 5, 6. From: songplays.start_time.';
