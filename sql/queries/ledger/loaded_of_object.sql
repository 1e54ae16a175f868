-- Ledger rows that count for an object, by its name.
SELECT *
FROM ledger_current
WHERE source = {source:String} AND state = 'loaded' AND object = {object:String}
ORDER BY partition, ledger_current.first
