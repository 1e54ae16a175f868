-- Days whose landing has expired, and the reasons against dropping it. Days count back from the last sealed one with real volume (retain/last_day.sql).
WITH
    -- the rows of a day in landing, and whether somebody still writes to it
    stored AS
    (
        SELECT
            toDate(parseDateTimeBestEffort(partition)) AS day,
            sum(system.parts.rows) AS rows,
            max(modification_time) >= toDateTime({quiet_since:String}, 'UTC') AS is_written
        FROM system.parts
        WHERE database = currentDatabase() AND table IN ('usage_batch', 'rate_batch') AND active
        GROUP BY day
    ),
    -- the states of a day's bookings, and their batches
    sealed AS
    (
        SELECT
            day,
            max(state = 'open') AS is_open,
            min(state = 'dropped') AS is_dropped,
            max(sealed_at) >= toDateTime64({closed_since:String}, 3, 'UTC') AS closed_lately,
            groupUniqArrayArray(batches) AS batches
        FROM seal_current
        GROUP BY day
    ),
    -- the batches that count
    counted AS
    (
        SELECT day, groupArray(batch_id) AS batches
        FROM (SELECT batch_id, arrayJoin(days) AS day FROM ledger_current WHERE state = 'loaded')
        GROUP BY day
    )
SELECT
    stored.day AS day,
    stored.rows AS rows,
    stored.is_written AS is_written,
    sealed.is_open AS is_open,
    sealed.is_dropped AS is_dropped,
    sealed.closed_lately AS closed_lately,
    length(arrayFilter(id -> NOT has(sealed.batches, id), counted.batches)) AS unsealed
FROM stored
INNER JOIN sealed ON sealed.day = stored.day
LEFT JOIN counted ON counted.day = stored.day
WHERE stored.day < {last_day:Date} - {kept_days:UInt32}
ORDER BY day
