-- Some buckets of one day of client_daily; bookings as in seal/usage_daily.sql. It reads landing itself, because the rows of
-- seal/fetched.sql must not be split by what clients say: their repeats would change.
INSERT INTO client_daily_staging
WITH bookings AS
(
    WITH usage_batch.downloads = 0 AND max_download_bytes > 0 AND (batch_id, row) IN (SELECT batch_id, row FROM {whole:Identifier}) AS is_whole
    SELECT
        ecosystem, package, version, client, client_facets, file_type, requester_class, ci, country,
        toInt64(requests) AS requests,
        toInt64(usage_batch.downloads + if(is_whole, usage_batch.partials, 0)) AS downloads,
        toInt64(bytes) AS bytes,
        toInt64(if(is_whole, 0, usage_batch.partials)) AS partials
    FROM usage_batch {{final}}
    WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
        AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
    UNION ALL
    SELECT ecosystem, package, version, client, client_facets, file_type, requester_class, ci, country, -requests, -downloads, -bytes, -partials
    FROM client_daily
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
        AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
)
SELECT
    {day:Date},
    {booked_day:Date},
    ecosystem, package, version, client, client_facets, file_type, requester_class, ci, country,
    sum(bookings.requests) AS requests,
    sum(bookings.downloads) AS downloads,
    sum(bookings.bytes) AS bytes,
    sum(bookings.partials) AS partials
FROM bookings
GROUP BY ecosystem, package, version, client, client_facets, file_type, requester_class, ci, country
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR partials != 0
SETTINGS max_block_size = 16384, max_insert_threads = 2, max_bytes_before_external_group_by = 2000000000
