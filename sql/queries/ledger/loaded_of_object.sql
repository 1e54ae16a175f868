-- Ledger rows that count for an object, by its name or its SHA-256.
SELECT *
FROM ledger_current
WHERE source = {source:String} AND state = 'loaded' AND object != '' AND (object = {object:String} OR partition = {object:String})
ORDER BY partition, ledger_current.first
