-- Batches whose lines in quarantine differ from the ledger. Their bytes may have expired; the lines are kept.
SELECT toString(ledger.batch_id) AS batch_id, ledger.quarantine_rows AS expected, kept.rows AS found
FROM
(
    SELECT batch_id, quarantine_rows
    FROM ledger_current
    WHERE state = 'loaded' AND quarantine_rows > 0 AND ({all_days:Bool} OR hasAny(days, {days:Array(Date)}))
) AS ledger
LEFT JOIN
(
    SELECT batch_id, count() AS rows
    FROM quarantine FINAL
    GROUP BY batch_id
) AS kept ON kept.batch_id = ledger.batch_id
WHERE kept.rows != ledger.quarantine_rows
LIMIT 100
