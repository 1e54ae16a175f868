-- One day of network_daily; repeats as in seal_usage_daily.sql: within one usage_daily key, network and file.
INSERT INTO network_daily_staging
WITH
    fetched AS
    (
        SELECT
            ecosystem, network, evidence_set, requester_class, client,
            package,
            sum(usage_batch.requests) AS requests,
            sum(usage_batch.downloads) AS downloads,
            sum(usage_batch.bytes) AS bytes,
            sum(usage_batch.download_bytes) - max(usage_batch.max_download_bytes) AS repeat_bytes
        FROM usage_batch FINAL
        WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
        GROUP BY ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network, file
    ),
    bookings AS
    (
        SELECT
            ecosystem, network, evidence_set, requester_class, client,
            toInt64(sum(fetched.requests)) AS requests,
            toInt64(sum(fetched.downloads)) AS downloads,
            toInt64(sum(fetched.bytes)) AS bytes,
            toInt64(sum(if(fetched.downloads > 0, fetched.downloads - 1, 0))) AS repeat_downloads,
            toInt64(sum(fetched.repeat_bytes)) AS repeat_bytes,
            toInt64(uniqExactIf(package, package != '')) AS packages
        FROM fetched
        GROUP BY ecosystem, network, evidence_set, requester_class, client
        UNION ALL
        SELECT ecosystem, network, evidence_set, requester_class, client, -requests, -downloads, -bytes, -repeat_downloads, -repeat_bytes, -packages
        FROM network_daily
        WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
    )
SELECT
    {day:Date},
    {booked_day:Date},
    ecosystem, network, evidence_set, requester_class, client,
    sum(bookings.requests) AS requests,
    sum(bookings.downloads) AS downloads,
    sum(bookings.bytes) AS bytes,
    sum(bookings.repeat_downloads) AS repeat_downloads,
    sum(bookings.repeat_bytes) AS repeat_bytes,
    sum(bookings.packages) AS packages
FROM bookings
GROUP BY ecosystem, network, evidence_set, requester_class, client
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR repeat_downloads != 0 OR repeat_bytes != 0 OR packages != 0
SETTINGS max_bytes_before_external_group_by = 2000000000
