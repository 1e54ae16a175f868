-- The end of a topic's partition in the ledger. If several rows end there, the last to begin counts: a start or a release.
SELECT epoch, last AS end, first AS begin, revision, last_record_sha256 AS sha256, last_record_at AS at
FROM ledger_current
WHERE source = {source:String} AND partition = {partition:String}
ORDER BY epoch DESC, last DESC, first DESC
LIMIT 1
