-- Some buckets of one day of network_daily, from the rows of seal/fetched.sql. The sums of all buckets, distinct packages too, add up to
-- the day's. Other bookings are subtracted as in seal/usage_daily.sql, with the first bucket. Each key occurs once, so the insert does not
-- look for rows to sum: that would double its time. Sorting is most of the work of the insert, so it has two threads.
INSERT INTO network_daily_staging
WITH
summed AS
(
    SELECT
        requester, network, evidence_set,
        sum(fetched.requests) AS requests,
        sum(fetched.downloads) AS downloads,
        sum(fetched.bytes) AS bytes,
        sum(fetched.repeat_downloads) AS repeat_downloads,
        sum(fetched.repeat_bytes) AS repeat_bytes,
        toInt64(uniqExactIf(package, package != '')) AS packages,
        sum(fetched.partials) AS partials
    FROM {fetched:Identifier} AS fetched
    GROUP BY requester, network, evidence_set
),
bookings AS
(
    WITH splitByChar('\0', requester) AS who
    SELECT who[1 + throwIf(length(who) != 3, 'a name has a NUL')] AS ecosystem, network, evidence_set, who[2] AS requester_class, who[3] AS client, requests, downloads, bytes, repeat_downloads, repeat_bytes, packages, partials
    FROM summed
    UNION ALL
    SELECT ecosystem, network, evidence_set, requester_class, client, -requests, -downloads, -bytes, -repeat_downloads, -repeat_bytes, -packages, -partials
    FROM network_daily
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool} AND {bucket_from:UInt8} = 0
)
SELECT {day:Date}, {booked_day:Date}, *
FROM bookings
WHERE requests != 0 OR downloads != 0 OR bytes != 0 OR repeat_downloads != 0 OR repeat_bytes != 0 OR packages != 0 OR partials != 0
SETTINGS max_block_size = 16384, max_insert_threads = 2, max_bytes_before_external_group_by = 2000000000, optimize_on_insert = 0
