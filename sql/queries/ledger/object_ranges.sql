-- Ranges of a source's objects: of all, or of one object, by its bytes or by its name.
SELECT partition, object, first, last, revision, state
FROM ledger_current
WHERE source = {source:String} AND epoch = 0 AND object != ''
    AND ({all:Bool} OR partition = {partition:String} OR object = {object:String})
ORDER BY partition, ledger_current.first
