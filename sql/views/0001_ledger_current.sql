-- The batches that count: of one (source, epoch, partition, first) the row of the highest revision.
CREATE OR REPLACE VIEW ledger_current
AS SELECT *
FROM ingest_ledger FINAL
ORDER BY source, epoch, partition, first, revision DESC
LIMIT 1 BY source, epoch, partition, first;
