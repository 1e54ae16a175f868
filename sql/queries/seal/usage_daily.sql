-- Some buckets of one day of usage_daily. The rows of the day's other bookings are subtracted, so that all bookings of a day always
-- add up to its present batches, after late rows, retractions and replays alike.
INSERT INTO usage_daily_staging
WITH bookings AS
(
    SELECT ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
    FROM {fetched:Identifier}
    UNION ALL
    SELECT ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, -requests, -downloads, -bytes, -repeat_downloads, -repeat_bytes, -partials
    FROM usage_daily
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
        AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
)
SELECT
    {day:Date},
    {booked_day:Date},
    ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country,
    sum(bookings.requests) AS requests,
    sum(bookings.downloads) AS downloads,
    sum(bookings.bytes) AS bytes,
    sum(bookings.repeat_downloads) AS repeat_downloads,
    sum(bookings.repeat_bytes) AS repeat_bytes,
    sum(bookings.partials) AS partials
FROM bookings
GROUP BY ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR repeat_downloads != 0 OR repeat_bytes != 0 OR partials != 0
SETTINGS max_block_size = 16384, max_insert_threads = 2, max_bytes_before_external_group_by = 2000000000
