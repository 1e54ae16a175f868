-- One day of usage_hourly; bookings as in seal/usage_daily.sql.
INSERT INTO usage_hourly_staging
WITH bookings AS
(
    SELECT hour, ecosystem, requester_class, client, country, toInt64(requests) AS requests, toInt64(downloads) AS downloads, toInt64(bytes) AS bytes
    FROM usage_batch {{final}}
    WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
    UNION ALL
    SELECT hour, ecosystem, requester_class, client, country, -requests, -downloads, -bytes
    FROM usage_hourly
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
)
SELECT
    {day:Date},
    {booked_day:Date},
    hour, ecosystem, requester_class, client, country,
    sum(bookings.requests) AS requests,
    sum(bookings.downloads) AS downloads,
    sum(bookings.bytes) AS bytes
FROM bookings
GROUP BY hour, ecosystem, requester_class, client, country
HAVING requests != 0 OR downloads != 0 OR bytes != 0
