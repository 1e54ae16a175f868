-- Batches that were taken back after the landing of one of their days was dropped, as they were loaded.
SELECT *
FROM ingest_ledger FINAL
WHERE state = 'loaded'
    AND batch_id IN
    (
        SELECT arrayJoin(batches)
        FROM
        (
            SELECT argMax(batches, booked_day) AS batches
            FROM seal_current
            WHERE {all_days:Bool} OR day IN {days:Array(Date)}
            GROUP BY day
            HAVING max(state = 'dropped')
        )
    )
    AND batch_id NOT IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
ORDER BY source, partition, ingest_ledger.first, revision DESC
LIMIT 1 BY batch_id
