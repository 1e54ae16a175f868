-- Stores the lines that could not be read of one or more batches, as Arrow rows. Repeating it changes nothing: a row that is stored twice collapses.
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
