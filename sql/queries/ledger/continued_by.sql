-- Objects that count and have only what follows one of the given contents: without that content, their beginning would be missing.
SELECT DISTINCT object
FROM object_content FINAL
WHERE source = {source:String} AND hasAny(continues, {partitions:Array(String)})
    AND NOT has({partitions:Array(String)}, partition)
    AND partition IN (SELECT partition FROM ledger_current WHERE source = {source:String} AND state = 'loaded')
ORDER BY object
