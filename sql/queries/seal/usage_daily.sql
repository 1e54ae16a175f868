-- Some buckets of one day of usage_daily, from the rows of seal/fetched.sql. The rows of the day's other bookings are subtracted, so that
-- all bookings of a day always add up to its present batches, after late rows, retractions and replays alike. `requester` and `detail` are
-- joined as in seal/fetched.sql.
INSERT INTO usage_daily_staging
WITH
bookings AS
(
    SELECT requester, detail, package, version, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
    FROM {fetched:Identifier}
    UNION ALL
    SELECT
        concat(ecosystem, '\0', requester_class, '\0', client),
        concat(artifact, '\0', identity, '\0', toString(ifNull(toUInt8(ci), 2)), '\0', ci_provider, '\0', toString(ifNull(toUInt8(container), 2)), '\0', rule_id, '\0', country),
        package, version, evidence_set, -requests, -downloads, -bytes, -repeat_downloads, -repeat_bytes, -partials
    FROM usage_daily
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
        AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
),
summed AS
(
    SELECT
        requester, detail, package, version, evidence_set,
        sum(bookings.requests) AS requests,
        sum(bookings.downloads) AS downloads,
        sum(bookings.bytes) AS bytes,
        sum(bookings.repeat_downloads) AS repeat_downloads,
        sum(bookings.repeat_bytes) AS repeat_bytes,
        sum(bookings.partials) AS partials
    FROM bookings
    GROUP BY requester, detail, package, version, evidence_set
    HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR repeat_downloads != 0 OR repeat_bytes != 0 OR partials != 0
),
splitByChar('\0', requester) AS who,
splitByChar('\0', detail) AS how
SELECT
    {day:Date} AS day,
    {booked_day:Date} AS booked_day,
    who[1 + throwIf(length(who) != 3 OR length(how) != 7, 'a name has a NUL')] AS ecosystem, package, version, how[1] AS artifact, who[2] AS requester_class, how[2] AS identity, who[3] AS client,
    if(how[3] = '2', NULL, how[3] = '1') AS ci, how[4] AS ci_provider, if(how[5] = '2', NULL, how[5] = '1') AS container, how[6] AS rule_id,
    evidence_set, how[7] AS country,
    requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
FROM summed
SETTINGS max_block_size = 16384, max_insert_threads = 2, max_bytes_before_external_group_by = 2000000000
