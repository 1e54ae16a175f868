-- Stores the quarantined lines of one or more batches, as Arrow rows. It can be repeated: a row that is stored twice collapses.
INSERT INTO quarantine (batch_id, row, position, reason, line_bytes, line)
SELECT
    {batch_ids:Array(UUID)}[{{batch}}],
    row,
    position,
    reason,
    line_bytes,
    line
FROM {{input}}
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
