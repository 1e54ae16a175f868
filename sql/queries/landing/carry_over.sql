-- Copies the rows of a batch to another batch and raises their numbers. It can be repeated: nothing changes.
INSERT INTO {table:Identifier}
SELECT * REPLACE ({batch_id:UUID} AS batch_id, toUInt32(row + {shift:UInt32}) AS row)
FROM (SELECT * FROM {table:Identifier} FINAL WHERE batch_id = {from:UUID})
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
