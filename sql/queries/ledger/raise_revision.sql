-- Repeats the row of a batch under a higher revision, unless another row has replaced it.
INSERT INTO ingest_ledger
SELECT * REPLACE ({revision:UInt32} AS revision)
FROM ledger_current
WHERE source = {source:String} AND epoch = {epoch:UInt32} AND partition = {partition:String} AND first = {first:UInt64} AND last = {end:UInt64}
SETTINGS async_insert = 0, deduplicate_insert = 'disable'
