-- Usage at the grain of usage_daily: sealed days from the sealed table, other days from landing, never both. Whether a transfer from the
-- first byte with no end named was whole is found when the day is sealed; until then it is a part.
CREATE OR REPLACE VIEW usage_known
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1'
)
COMMENT 'All usage: sealed days from the sealed table, other days from landing'
AS
SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
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
    toInt64(sum(if(fetched_downloads > 0 AND is_somebody, fetched_downloads - 1, 0))) AS repeat_downloads,
    toInt64(sum(if(is_somebody, fetched_repeat_bytes, 0))) AS repeat_bytes,
    toInt64(sum(fetched_partials)) AS partials
FROM
(
    SELECT
        toDate(hour) AS day,
        ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country,
        sum(usage_batch.requests) AS fetched_requests,
        sum(usage_batch.downloads) AS fetched_downloads,
        sum(usage_batch.bytes) AS fetched_bytes,
        sum(usage_batch.download_bytes) - max(if(usage_batch.downloads > 0, usage_batch.max_download_bytes, 0)) AS fetched_repeat_bytes,
        sum(usage_batch.partials) AS fetched_partials,
        network != '' OR day < (SELECT ifNull(min(from_day), toDate('2149-06-06')) FROM methodology_start WHERE version = 2) AS is_somebody
    FROM usage_batch FINAL
    WHERE _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current) -- skips the landing of sealed days
        AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
    GROUP BY day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network, file
)
GROUP BY day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country;
