-- The ledger of loads: written in the transaction of the load itself, so it tells what was committed. Small: Redshift
-- chooses the distribution. Sorted by the number, which grows.
CREATE TABLE IF NOT EXISTS loads (
    load_id BIGINT NOT NULL,
    table_name VARCHAR(64) NOT NULL,
    first_month DATE,
    last_month DATE,
    run_id VARCHAR(64) NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    files_loaded BIGINT NOT NULL,
    files_refused BIGINT NOT NULL,
    files_removed BIGINT NOT NULL,
    bytes_loaded BIGINT NOT NULL,
    rows_loaded BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    PRIMARY KEY (load_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (load_id);

COMMENT ON TABLE loads IS 'Ledger of loads: one row for each transaction that brought files into a staging table.';
COMMENT ON COLUMN loads.load_id IS 'The load; later loads have larger numbers.';
COMMENT ON COLUMN loads.table_name IS 'The table loaded. One of: staging_events, staging_songs.';
COMMENT ON COLUMN loads.first_month IS 'First log month that was asked for; NULL for songs.';
COMMENT ON COLUMN loads.last_month IS 'Last log month that was asked for; NULL for songs.';
COMMENT ON COLUMN loads.run_id IS 'The Dagster run that loaded.';
COMMENT ON COLUMN loads.started_at IS 'When the load began, UTC.';
COMMENT ON COLUMN loads.finished_at IS 'When the load was about to commit, UTC.';
COMMENT ON COLUMN loads.files_loaded IS 'Number of files whose rows were loaded.';
COMMENT ON COLUMN loads.files_refused IS 'Number of files refused whole.';
COMMENT ON COLUMN loads.files_removed IS 'Number of file versions whose rows were replaced or pruned.';
COMMENT ON COLUMN loads.bytes_loaded IS 'Size of the files loaded, in bytes.';
COMMENT ON COLUMN loads.rows_loaded IS 'Number of rows loaded.';
COMMENT ON COLUMN loads.rows_rejected IS 'Number of records rejected.';
