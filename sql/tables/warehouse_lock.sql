-- One row that every writing transaction updates first, so that two of them never interleave. On every node, and in no
-- order: there is nothing to spread or to sort.
CREATE TABLE IF NOT EXISTS warehouse_lock (
    lock_id INTEGER NOT NULL,
    run_id VARCHAR(64),
    transaction_id VARCHAR(64),
    locked_at TIMESTAMP
)
DISTSTYLE ALL;

COMMENT ON TABLE warehouse_lock IS 'Serializes the writers: each updates the one row of this table first.';
COMMENT ON COLUMN warehouse_lock.lock_id IS 'The lock. One of: 1.';
COMMENT ON COLUMN warehouse_lock.run_id IS 'The Dagster run that wrote last.';
COMMENT ON COLUMN warehouse_lock.transaction_id IS
'Its last transaction that was committed: where the answer to a COMMIT is lost, this tells.';
COMMENT ON COLUMN warehouse_lock.locked_at IS 'When it began to, UTC.';
