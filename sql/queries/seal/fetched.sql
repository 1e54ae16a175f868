-- Usage of one day in landing, for some buckets of packages. Each row is one thing that a cache would have kept, with its repeats.
-- usage_daily and network_daily are sums of these rows.
CREATE OR REPLACE TABLE {fetched:Identifier}
ENGINE = Memory
AS SELECT
    ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network,
    toInt64(sum(usage_batch.requests)) AS requests,
    toInt64(sum(usage_batch.downloads)) AS downloads,
    toInt64(sum(usage_batch.bytes)) AS bytes,
    if(downloads > 0, downloads - 1, 0) AS repeat_downloads,
    toInt64(sum(usage_batch.download_bytes) - max(usage_batch.max_download_bytes)) AS repeat_bytes
FROM usage_batch {{final}}
WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
    AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
GROUP BY ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network, file
SETTINGS max_block_size = 16384, max_bytes_before_external_group_by = 2000000000
