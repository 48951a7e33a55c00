-- Records that could not be loaded, whole up to 4 MB, for people to look at. (Quarantine.)
-- Few: Redshift chooses the distribution.
-- Sorted by the file, as they are asked for.
CREATE TABLE IF NOT EXISTS rejected_records (
    file_id BIGINT NOT NULL,
    line_number BIGINT NOT NULL,
    piece INTEGER NOT NULL,
    reason VARCHAR(4096) NOT NULL,
    encoding VARCHAR(16) NOT NULL,
    raw_record VARCHAR(65535) NOT NULL,
    PRIMARY KEY (file_id, line_number, piece),
    FOREIGN KEY (file_id) REFERENCES load_files (file_id)
)
DISTSTYLE AUTO
COMPOUND SORTKEY (file_id);

COMMENT ON TABLE rejected_records IS
'Quarantine: the records of the lake''s files that could not be loaded, whole up to 4 MB, with the reason.';
COMMENT ON COLUMN rejected_records.file_id IS 'The file version that holds the record.';
COMMENT ON COLUMN rejected_records.line_number IS 'Line of the record within its file, from 1.';
COMMENT ON COLUMN rejected_records.piece IS 'A record longer than 65,535 bytes is kept in pieces, numbered from 1.';
COMMENT ON COLUMN rejected_records.reason IS 'Why the record was rejected, for people.';
COMMENT ON COLUMN rejected_records.encoding IS
'How the record is kept: as text, or in base64 where its bytes are no text. One of: text, base64.';
COMMENT ON COLUMN rejected_records.raw_record IS 'The record as it came.';
