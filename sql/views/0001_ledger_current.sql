-- The batches that count: of one (source, epoch, partition, first) the row of the highest revision. Two loads of an object may
-- have cut it elsewhere, so of its ranges one that overlaps another counts only if it is the later: its revision is higher.
-- Its columns are those of ingest_ledger, as of migration 0016: a migration that adds one changes this line too.
CREATE OR REPLACE VIEW ledger_current
AS
WITH
    loaded_again AS
    (
        SELECT source, partition, first, last, revision
        FROM ingest_ledger
        WHERE object != '' AND (source, partition) IN
        (
            SELECT source, partition FROM ingest_ledger WHERE object != '' GROUP BY source, partition HAVING max(revision) > min(revision)
        )
    ),
    overruled AS
    (
        SELECT earlier.source, earlier.partition, earlier.first, earlier.last, earlier.revision
        FROM loaded_again AS earlier
        INNER JOIN loaded_again AS later ON later.source = earlier.source AND later.partition = earlier.partition
        WHERE later.revision > earlier.revision AND later.first < earlier.last AND earlier.first < later.last
    )
SELECT *
FROM ingest_ledger FINAL
WHERE object = '' OR (source, partition, first, last, revision) NOT IN (overruled)
ORDER BY source, epoch, partition, first, revision DESC
LIMIT 1 BY source, epoch, partition, first;
