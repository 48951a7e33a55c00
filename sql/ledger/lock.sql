-- Makes two writing transactions meet: both change this row, so one waits or fails.
UPDATE warehouse_lock
SET run_id = :run_id, transaction_id = :transaction_id, locked_at = :now
WHERE lock_id = 1;
