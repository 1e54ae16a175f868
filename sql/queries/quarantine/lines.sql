-- Quarantined lines of batches that count, without their content: the one with an id, or those at a position of a partition or object.
-- A line's id is BATCH/ROW: unique, and valid until the line's batch is replaced.
SELECT
    concat(toString(quarantined_line.batch_id), '/', toString(row)) AS id,
    source,
    place AS partition,
    position,
    reason,
    line_bytes,
    is_stored,
    hex(shape) AS shape_hex,
    ledger.recorded_at AS recorded_at
FROM quarantined_line
INNER JOIN
(
    SELECT batch_id, source, if(object = '', partition, object) AS place, recorded_at
    FROM ledger_current
    WHERE state = 'loaded' AND quarantined > 0
        AND ({partition:String} = '' OR partition = {partition:String} OR object = {partition:String})
) AS ledger ON ledger.batch_id = quarantined_line.batch_id
WHERE if({by_id:Bool}, quarantined_line.batch_id = {batch_id:UUID} AND row = {row:UInt32}, position = {position:UInt64})
ORDER BY source, position, row
LIMIT {limit:UInt32}
