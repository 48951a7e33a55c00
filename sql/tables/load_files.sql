-- The ledger of files: one row for each version of a file that a load took or refused. Small: Redshift chooses the
-- distribution. Sorted by the number, which grows, so that rows come in order and what is new is read alone.
CREATE TABLE IF NOT EXISTS load_files (
    file_id BIGINT NOT NULL,
    load_id BIGINT NOT NULL,
    table_name VARCHAR(64) NOT NULL,
    log_month DATE,
    file_key VARCHAR(4096) NOT NULL,
    etag VARCHAR(256) NOT NULL,
    file_size BIGINT NOT NULL,
    status VARCHAR(16) NOT NULL,
    records BIGINT NOT NULL,
    rows_loaded BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    note VARCHAR(4096),
    unknown_fields VARCHAR(4096),
    removed_by BIGINT,
    PRIMARY KEY (file_id),
    FOREIGN KEY (load_id) REFERENCES loads (load_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (file_id);

COMMENT ON TABLE load_files IS 'Ledger of files: one row for each version of a file of the lake that was loaded.';
COMMENT ON COLUMN load_files.file_id IS 'The file version; staging rows name it. Later versions have larger numbers.';
COMMENT ON COLUMN load_files.load_id IS 'The load that took the file.';
COMMENT ON COLUMN load_files.table_name IS 'The table it was loaded into. One of: staging_events, staging_songs.';
COMMENT ON COLUMN load_files.log_month IS 'First day of the month in the file''s path; NULL for songs.';
COMMENT ON COLUMN load_files.file_key IS 'Path of the file within the lake.';
COMMENT ON COLUMN load_files.etag IS 'Version of the content, as the lake names it.';
COMMENT ON COLUMN load_files.file_size IS 'Size, in bytes.';
COMMENT ON COLUMN load_files.status IS
'What became of it; a refused file left the rows of its former version in place. One of: loaded, refused.';
COMMENT ON COLUMN load_files.records IS 'Number of records in the file.';
COMMENT ON COLUMN load_files.rows_loaded IS 'Number of records that became rows.';
COMMENT ON COLUMN load_files.rows_rejected IS 'Number of records that did not.';
COMMENT ON COLUMN load_files.note IS 'Why it was refused; NULL where it was not.';
COMMENT ON COLUMN load_files.unknown_fields IS
'Fields met in it that no column is made from, separated by commas; NULL where there are none.';
COMMENT ON COLUMN load_files.removed_by IS
'The load that replaced or pruned the rows of this version; NULL while they are in place.';
