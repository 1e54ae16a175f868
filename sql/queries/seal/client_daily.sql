-- Some buckets of one day of client_daily; bookings as in seal/usage_daily.sql. It reads landing itself, because the rows of
-- seal/fetched.sql must not be split by what clients say: their repeats would change. `said` holds names as `requester` does there.
INSERT INTO client_daily_staging
WITH
bookings AS
(
    WITH {has_whole:Bool} AND usage_batch.downloads = 0 AND max_download_bytes > 0 AND (batch_id, row) IN (SELECT batch_id, row FROM {whole:Identifier}) AS is_whole
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
),
summed AS
(
    SELECT
        concat(ecosystem, '\0', client, '\0', client_facets, '\0', file_type, '\0', requester_class, '\0', toString(ifNull(toUInt8(ci), 2)), '\0', country) AS said,
        package, version,
        sum(bookings.requests) AS requests,
        sum(bookings.downloads) AS downloads,
        sum(bookings.bytes) AS bytes,
        sum(bookings.partials) AS partials
    FROM bookings
    GROUP BY said, package, version
    HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR partials != 0
),
splitByChar('\0', said) AS name
SELECT
    {day:Date} AS day,
    {booked_day:Date} AS booked_day,
    name[1 + throwIf(length(name) != 7, 'a name has a NUL')] AS ecosystem, package, version, name[2] AS client, name[3] AS client_facets, name[4] AS file_type,
    name[5] AS requester_class, if(name[6] = '2', NULL, name[6] = '1') AS ci, name[7] AS country,
    requests, downloads, bytes, partials
FROM summed
SETTINGS max_block_size = 16384, max_insert_threads = 2, max_bytes_before_external_group_by = 2000000000
