-- Until when each source has delivered, and whether that is past the end of a day. Retired sources are left out.
SELECT source, complete_until, ifNull(complete_until >= toDateTime64({end:Date}, 3, 'UTC'), false) AS ready
FROM freshness
WHERE NOT has({retired:Array(String)}, source)
ORDER BY source
