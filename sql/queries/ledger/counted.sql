-- How many of the given batches count.
SELECT count() AS rows
FROM ledger_current
WHERE batch_id IN {batch_ids:Array(UUID)}
