-- Ranges with quarantined lines, of a whole source or of one partition or object. An object with such lines gives all its ranges,
-- because they count under one revision.
SELECT *
FROM ledger_current
WHERE state = 'loaded' AND source = {source:String}
    AND ({partition:String} = '' OR partition = {partition:String} OR object = {partition:String})
    AND
    (
        quarantined > 0
        OR
        (
            object != ''
            AND partition IN (SELECT partition FROM ledger_current WHERE source = {source:String} AND state = 'loaded' AND quarantined > 0)
        )
    )
ORDER BY object, partition, epoch, ledger_current.first
