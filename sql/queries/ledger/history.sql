-- All rows of the ledger for some partitions or objects of a source, those that were replaced too.
SELECT *
FROM ingest_ledger FINAL
WHERE source = {source:String} AND has({partitions:Array(String)}, partition)
ORDER BY partition, ingest_ledger.first, revision
