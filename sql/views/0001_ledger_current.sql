-- The batches that count: of one (source, epoch, partition, first) the row of the highest revision. An object's rows are
-- written together: of its loads the one of the highest revision counts whole, so that two which cut it elsewhere never mix.
CREATE OR REPLACE VIEW ledger_current
AS SELECT *
FROM ingest_ledger FINAL
WHERE object = '' OR (source, partition, revision) IN (SELECT source, partition, max(revision) FROM ingest_ledger WHERE object != '' GROUP BY source, partition)
ORDER BY source, epoch, partition, first, revision DESC
LIMIT 1 BY source, epoch, partition, first;
