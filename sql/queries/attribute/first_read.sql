-- From when on evidence may have been missed by traffic whose networks are still kept. A worker takes up a new registry within a
-- day. No row where no network is kept.
SELECT toString(min(recorded_at) - INTERVAL 1 DAY) AS first_read_at
FROM ingest_ledger
WHERE state = 'loaded' AND hasAny(days, (SELECT groupUniqArray(day) FROM network_daily))
HAVING count() > 0
