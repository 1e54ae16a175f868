-- One day of request_rate, for some of the buckets of networks; bookings as in seal/usage_daily.sql.
INSERT INTO request_rate_staging
WITH bookings AS
(
    SELECT slot, source, evidence_set, network, toInt64(requests) AS requests, toInt64(bytes) AS bytes
    FROM rate_batch {{final}}
    WHERE toYYYYMMDD(slot) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)})) AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
    UNION ALL
    SELECT slot, source, evidence_set, network, -requests, -bytes
    FROM request_rate
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool} AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
)
SELECT {day:Date}, {booked_day:Date}, slot, source, evidence_set, network, sum(bookings.requests) AS requests, sum(bookings.bytes) AS bytes
FROM bookings
GROUP BY slot, source, evidence_set, network
HAVING requests != 0 OR bytes != 0
SETTINGS max_block_size = 16384, max_insert_threads = 2
