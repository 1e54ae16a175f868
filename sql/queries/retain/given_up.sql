-- Batches with quarantined lines that no ledger row names, of parts that nobody writes to any more: loads that were given up.
SELECT DISTINCT batch_id
FROM quarantine
WHERE line != '' AND batch_id NOT IN (SELECT batch_id FROM ingest_ledger)
    AND _part IN
    (
        SELECT name
        FROM system.parts
        WHERE database = currentDatabase() AND table = 'quarantine' AND active AND modification_time < toDateTime({quiet_since:String}, 'UTC')
    )
ORDER BY batch_id
LIMIT 200
