-- Copies the rows of a batch under another batch, with their numbers raised. Repeating it changes nothing.
INSERT INTO {table:Identifier}
SELECT * REPLACE ({batch_id:UUID} AS batch_id, toUInt32(row + {shift:UInt32}) AS row)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE batch_id = {from:UUID})
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
