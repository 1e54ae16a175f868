-- Loads that were given up: batches with quarantined lines but no ledger row, in parts that nobody writes to any more.
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
