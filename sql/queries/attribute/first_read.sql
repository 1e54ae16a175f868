-- Traffic of stored networks may have missed evidence from this time on: one day before the first of that traffic was loaded,
-- because a worker reads a new registry within a day. No row if no network is stored.
SELECT toString(min(recorded_at) - INTERVAL 1 DAY) AS first_read_at
FROM ingest_ledger
WHERE state = 'loaded' AND hasAny(days, (SELECT groupUniqArray(day) FROM network_daily))
HAVING count() > 0
