-- One day of usage_hourly; bookings as in seal/usage_daily.sql.
INSERT INTO usage_hourly_staging
WITH bookings AS
(
    WITH usage_batch.downloads = 0 AND max_download_bytes > 0 AND (batch_id, row) IN (SELECT batch_id, row FROM {whole:Identifier}) AS is_whole
    SELECT hour, ecosystem, requester_class, client, country, toInt64(requests) AS requests, toInt64(usage_batch.downloads + if(is_whole, usage_batch.partials, 0)) AS downloads, toInt64(bytes) AS bytes, toInt64(if(is_whole, 0, usage_batch.partials)) AS partials
    FROM usage_batch {{final}}
    WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
    UNION ALL
    SELECT hour, ecosystem, requester_class, client, country, -requests, -downloads, -bytes, -partials
    FROM usage_hourly
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
)
SELECT
    {day:Date},
    {booked_day:Date},
    hour, ecosystem, requester_class, client, country,
    sum(bookings.requests) AS requests,
    sum(bookings.downloads) AS downloads,
    sum(bookings.bytes) AS bytes,
    sum(bookings.partials) AS partials
FROM bookings
GROUP BY hour, ecosystem, requester_class, client, country
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR partials != 0
