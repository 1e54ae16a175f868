-- Ledger rows that count for a range of offsets of a topic's partition, in the epoch that counts now.
SELECT *
FROM ledger_current
WHERE source = {source:String} AND state = 'loaded' AND partition = {partition:String}
    AND ledger_current.first < {to:UInt64} AND ledger_current.last > {from:UInt64}
    AND epoch = (SELECT max(epoch) FROM ingest_ledger WHERE source = {source:String} AND partition = {partition:String})
ORDER BY partition, ledger_current.first
