-- Quarantined lines of batches that count, by source, place and reason. Each group names one line, and prefers one whose bytes are
-- still stored. No content is read: that needs a right of its own.
SELECT
    source,
    place AS partition,
    reason,
    count() AS lines,
    countIf(NOT is_stored) AS expired,
    countIf(line_bytes > {limit:UInt32}) AS truncated,
    min(ledger.recorded_at) AS first_seen,
    max(ledger.recorded_at) AS last_seen,
    argMin(concat(toString(quarantined_line.batch_id), '/', toString(row)), (NOT is_stored, position, row)) AS sample_id
FROM quarantined_line
INNER JOIN
(
    SELECT batch_id, source, partition, if(object = '', partition, object) AS place, recorded_at
    FROM ledger_current
    WHERE state = 'loaded' AND quarantined > 0
        AND ({source:String} = '' OR source = {source:String})
        AND ({partition:String} = '' OR partition = {partition:String} OR object = {partition:String})
) AS ledger ON ledger.batch_id = quarantined_line.batch_id
WHERE {reason:String} = '' OR reason = {reason:String}
GROUP BY source, place, reason
ORDER BY source, place, count() DESC, reason
