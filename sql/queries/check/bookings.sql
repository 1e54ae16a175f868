-- Days whose bookings do not add up to their batches.
WITH
    -- the sealed sums of a day, and the batches of its last booking
    sealed AS
    (
        SELECT day, argMax(batches, booked_day) AS batches, sum(seal_current.requests) AS requests, sum(seal_current.bytes) AS bytes
        FROM seal_current
        WHERE {all_days:Bool} OR day IN {days:Array(Date)}
        GROUP BY day
    ),
    -- the sums of each batch for each of its days
    listed AS
    (
        SELECT batch_id, arrayJoin(arrayZip(days, day_requests, day_bytes)) AS entry
        FROM (SELECT * FROM ingest_ledger FINAL LIMIT 1 BY batch_id)
    )
SELECT sealed.day AS day, any(sealed.requests) AS found, sumIf(entry.2, has(sealed.batches, batch_id)) AS expected
FROM sealed
INNER JOIN listed ON listed.entry.1 = sealed.day
GROUP BY day
HAVING found != toInt64(expected)
LIMIT 100
