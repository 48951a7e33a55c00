-- How far each table of the star schema and of analytics is built: what was loaded, or built, after that is still to be
-- taken in. A row for each month and table at the most: Redshift chooses the distribution.
CREATE TABLE IF NOT EXISTS table_builds (
    table_name VARCHAR(64) NOT NULL,
    log_month DATE,
    load_id BIGINT NOT NULL,
    build_number BIGINT NOT NULL,
    sql_version VARCHAR(64) NOT NULL,
    run_id VARCHAR(64) NOT NULL,
    built_at TIMESTAMP NOT NULL
)
DISTSTYLE AUTO
COMPOUND SORTKEY (table_name, log_month);

COMMENT ON TABLE table_builds IS
'How far each table of the star schema and of analytics is built: one row for each table, and for each log month where
it has months.';
COMMENT ON COLUMN table_builds.table_name IS
'The table. One of: songplays, users, user_levels, songs, artists, time, plays_by_month, plays_by_song, plays_by_hour,
plays_by_place, plays_by_device, plays_by_listener, session_lengths, listeners, retention, subscriptions, songs_never_played.';
COMMENT ON COLUMN table_builds.log_month IS 'First day of the log month; NULL for a table without months.';
COMMENT ON COLUMN table_builds.load_id IS 'The last load that the table has taken in.';
COMMENT ON COLUMN table_builds.build_number IS
'Number of the build, or of the change that a build of other months made to this one: later ones have larger numbers.';
COMMENT ON COLUMN table_builds.sql_version IS 'Version of the SQL that built it: another version builds it anew.';
COMMENT ON COLUMN table_builds.run_id IS 'The Dagster run that built it last.';
COMMENT ON COLUMN table_builds.built_at IS 'When, UTC.';
