-- One day of status_daily; bookings as in seal/usage_daily.sql. {sources} runs beside {batches}.
INSERT INTO status_daily_staging
WITH bookings AS
(
    WITH usage_batch.downloads = 0 AND max_download_bytes > 0 AND (batch_id, row) IN (SELECT batch_id, row FROM {whole:Identifier}) AS is_whole
    SELECT
        batch_id, ecosystem, artifact, requester_class, client, country, status,
        sum(toInt64(usage_batch.requests)) AS requests,
        sum(toInt64(usage_batch.downloads + if(is_whole, usage_batch.partials, 0))) AS downloads,
        sum(toInt64(usage_batch.bytes)) AS bytes,
        sum(toInt64(if(is_whole, 0, usage_batch.partials))) AS partials
    FROM usage_batch {{final}}
    WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
    GROUP BY batch_id, ecosystem, artifact, requester_class, client, country, status
)
SELECT
    {day:Date},
    {booked_day:Date},
    source, ecosystem, artifact, requester_class, client, country, status,
    sum(sourced.requests) AS requests,
    sum(sourced.downloads) AS downloads,
    sum(sourced.bytes) AS bytes,
    sum(sourced.partials) AS partials
FROM
(
    SELECT listed.2 AS source, ecosystem, artifact, requester_class, client, country, status, bookings.requests AS requests, bookings.downloads AS downloads, bookings.bytes AS bytes, bookings.partials AS partials
    FROM bookings
    INNER JOIN (SELECT arrayJoin(arrayZip({batches:Array(UUID)}, {sources:Array(String)})) AS listed) AS sources ON sources.listed.1 = bookings.batch_id
    UNION ALL
    SELECT source, ecosystem, artifact, requester_class, client, country, status, -requests, -downloads, -bytes, -partials
    FROM status_daily
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
) AS sourced
GROUP BY source, ecosystem, artifact, requester_class, client, country, status
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR partials != 0
