-- Usage of one day in landing, for some buckets of packages. Each row is one thing that a cache would have kept, with its repeats.
-- usage_daily, network_daily and package_daily are sums of these rows. From methodology 2 on, rows of {whole} are whole transfers
-- (seal/whole.sql; without {has_whole} there are none), and a line without an address repeats nobody's download.
--
-- `requester` (ecosystem, class, client) and `detail` hold names of closed lists, joined by NUL: grouping by two texts takes two thirds of
-- the time of grouping by ten. Whoever splits them refuses a name with a NUL.
CREATE OR REPLACE TABLE {fetched:Identifier}
ENGINE = Memory
AS WITH {has_whole:Bool} AND usage_batch.downloads = 0 AND usage_batch.max_download_bytes > 0 AND (batch_id, row) IN (SELECT batch_id, row FROM {whole:Identifier}) AS is_whole
SELECT
    concat(ecosystem, '\0', requester_class, '\0', client) AS requester,
    concat(artifact, '\0', identity, '\0', toString(ifNull(toUInt8(ci), 2)), '\0', ci_provider, '\0', toString(ifNull(toUInt8(container), 2)), '\0', rule_id, '\0', country) AS detail,
    package, version, evidence_set, network,
    toInt64(sum(usage_batch.requests)) AS requests,
    toInt64(sum(usage_batch.downloads + if(is_whole, usage_batch.partials, 0))) AS downloads,
    toInt64(sum(usage_batch.bytes)) AS bytes,
    if(downloads > 0 AND NOT (network = '' AND {version:UInt16} >= 2), downloads - 1, 0) AS repeat_downloads,
    if(network = '' AND {version:UInt16} >= 2, 0, toInt64(sum(usage_batch.download_bytes + if(is_whole, usage_batch.bytes, 0)) - max(if(usage_batch.downloads > 0 OR is_whole, usage_batch.max_download_bytes, 0)))) AS repeat_bytes,
    toInt64(sum(if(is_whole, 0, usage_batch.partials))) AS partials
FROM usage_batch {{final}}
WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
    AND bucket >= {bucket_from:UInt8} AND bucket < {bucket_to:UInt8}
GROUP BY requester, detail, package, version, evidence_set, network, file
SETTINGS max_block_size = 16384, max_bytes_before_external_group_by = 2000000000
