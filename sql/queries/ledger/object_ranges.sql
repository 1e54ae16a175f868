-- Ranges of a source's objects: of all, or of the given partitions and the one name.
SELECT partition, object, first, last, revision, state, requests + quarantined AS read_lines
FROM ledger_current
WHERE source = {source:String} AND epoch = 0 AND object != ''
    AND ({all:Bool} OR has({partitions:Array(String)}, partition) OR object = {object:String})
ORDER BY partition, ledger_current.first
