-- Usage at the grain of usage_daily: sealed days from the sealed table, other days from landing, never both.
CREATE OR REPLACE VIEW usage_known
AS
SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes
FROM usage_daily
WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current)
UNION ALL
SELECT
    day,
    day AS booked_day,
    ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country,
    toInt64(sum(fetched_requests)) AS requests,
    toInt64(sum(fetched_downloads)) AS downloads,
    toInt64(sum(fetched_bytes)) AS bytes,
    toInt64(sum(if(fetched_downloads > 0, fetched_downloads - 1, 0))) AS repeat_downloads,
    toInt64(sum(fetched_repeat_bytes)) AS repeat_bytes
FROM
(
    SELECT
        toDate(hour) AS day,
        ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country,
        sum(usage_batch.requests) AS fetched_requests,
        sum(usage_batch.downloads) AS fetched_downloads,
        sum(usage_batch.bytes) AS fetched_bytes,
        sum(usage_batch.download_bytes) - max(usage_batch.max_download_bytes) AS fetched_repeat_bytes
    FROM usage_batch FINAL
    WHERE _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current) -- the landing of sealed days is not read at all
        AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
    GROUP BY day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network, file
)
GROUP BY day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country;
