-- Other runs of a job that have not reported their end, and how long each has been silent.
SELECT holder_id, host, pid, claimed_at, dateDiff('second', seen_at, now64(3, 'UTC')) AS silent_seconds
FROM run_lock FINAL
WHERE name = {name:String} AND holder_id != {id:String} AND NOT released
