-- Stores the request rates of one or more batches, as Arrow rows. It can be repeated: a row that is stored twice collapses.
INSERT INTO rate_batch (batch_id, source, row, slot, evidence_set, network, requests, bytes)
SELECT
    {batch_ids:Array(UUID)}[{{batch}}],
    {sources:Array(String)}[{{batch}}],
    row,
    toDateTime(slot, 'UTC'),
    evidence_set,
    network,
    requests,
    bytes
FROM {{input}}
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
