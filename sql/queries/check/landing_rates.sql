-- Batches whose rates in landing differ from the ledger. Days whose landing was dropped are skipped.
SELECT toString(ledger.batch_id) AS batch_id, ledger.rate_rows AS expected, landed.rows AS found
FROM
(
    SELECT batch_id, rate_rows, days
    FROM ledger_current
    WHERE state = 'loaded' AND ({all_days:Bool} OR hasAny(days, {days:Array(Date)}))
        AND NOT hasAny(days, (SELECT groupArray(day) FROM seal_current WHERE state = 'dropped'))
) AS ledger
LEFT JOIN
(
    SELECT batch_id, count() AS rows
    FROM rate_batch FINAL
    WHERE toYYYYMMDD(slot) IN
    (
        SELECT toYYYYMMDD(arrayJoin(days))
        FROM ledger_current
        WHERE state = 'loaded' AND ({all_days:Bool} OR hasAny(days, {days:Array(Date)}))
    )
    GROUP BY batch_id
) AS landed ON landed.batch_id = ledger.batch_id
WHERE landed.rows != ledger.rate_rows
LIMIT 100
