-- The present state of each partition that ever stopped; of one partition if it is named.
SELECT source, partition, number, state, reason, detail, next, committed, recorded_at
FROM partition_stop FINAL
WHERE {source:String} = '' OR (source = {source:String} AND partition = {partition:String})
ORDER BY source, partition, number DESC
LIMIT 1 BY source, partition
