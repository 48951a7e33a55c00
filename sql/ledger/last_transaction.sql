-- The last transaction that wrote.
SELECT w.transaction_id
FROM warehouse_lock AS w
WHERE w.lock_id = 1;
