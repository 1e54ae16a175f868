-- A day's landing of {rows:UInt64} rows in batches of a million, made in the engine: packages, versions and networks by
-- power laws, one country and one evidence set a network, as a registry's edge sees them.
INSERT INTO usage_batch (batch_id, row, hour, ecosystem, package, version, artifact, file, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, network, requests, downloads, bytes, download_bytes, max_download_bytes, client_facets, file_type, status)
WITH
    number AS n,
    (salt -> cityHash64(n, salt) / 18446744073709551616) AS uniform,
    toUInt32(300000 * pow(uniform(1), 3)) AS package_no,
    toUInt32(12 * pow(uniform(2), 2)) AS version_no,
    toUInt32(2000000 * pow(uniform(3), 2)) AS network_no,
    toUInt32(60 * pow(uniform(4), 2)) AS client_no,
    1 + toUInt64(4 * pow(uniform(5), 8)) AS downloads
SELECT
    toUUID(concat('00000000-0000-4000-8000-', leftPad(hex(intDiv(n, 1000000)), 12, '0'))) AS batch_id,
    toUInt32(n % 1000000) AS row,
    toDateTime({day:Date}, 'UTC') + 3600 * toUInt32(24 * (n % 1000000) / 1000000) AS hour,
    'npm' AS ecosystem,
    concat('@scope-', toString(package_no % 9973), '/package-', toString(package_no)) AS package,
    concat('1.', toString(version_no), '.', toString(package_no % 10)) AS version,
    'artifact' AS artifact,
    concat('package-', toString(package_no), '-1.', toString(version_no), '.tgz') AS file,
    ['ci', 'ci', 'ci', 'container', 'developer', 'crawler', 'mirror', 'unknown'][1 + client_no % 8] AS requester_class,
    'none' AS identity,
    concat('client-', toString(client_no)) AS client,
    if(client_no % 8 < 3, true, NULL) AS ci,
    if(client_no % 8 < 3, 'github-actions', '') AS ci_provider,
    NULL AS container,
    concat('rule-', toString(client_no)) AS rule_id,
    toUInt64(1 + network_no % 100000) AS evidence_set,
    ['US', 'DE', 'FR', 'IN', 'CN', 'BR', 'JP', 'GB'][1 + network_no % 8] AS country,
    concat(toString(1 + intDiv(network_no, 65536)), '.', toString(intDiv(network_no, 256) % 256), '.', toString(network_no % 256), '.0/24') AS network,
    downloads AS requests,
    downloads,
    downloads * (1000 + package_no) AS bytes,
    downloads * (1000 + package_no) AS download_bytes,
    1000 + package_no AS max_download_bytes,
    -- a network's machines are of one kind: 16 releases of a client, on one of eight systems
    concat('10.', toString(network_no % 16), '|node|', toString(16 + 2 * (network_no % 5)), ['|linux|debian|12|x86_64|glibc', '|linux|ubuntu|22.04|x86_64|glibc', '|linux|alpine|3.21|x86_64|musl', '|macos|||aarch64|'][1 + network_no % 4]) AS client_facets,
    'tarball' AS file_type,
    '2xx' AS status
FROM numbers({rows:UInt64})
SETTINGS max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 0, max_threads = 2, optimize_on_insert = 0;

INSERT INTO rate_batch
SELECT batch_id, toUInt32(rowNumberInAllBlocks() % 4294967295) AS row, slot, 'edge' AS source, evidence_set, network, sum(usage_batch.requests), sum(usage_batch.bytes)
FROM usage_batch
GROUP BY batch_id, hour + 300 * (row % 12) AS slot, evidence_set, network
SETTINGS max_bytes_before_external_group_by = 2000000000, max_threads = 2, optimize_on_insert = 0;

INSERT INTO evidence_set
SELECT
    number + 1 AS id,
    if(number % 10 = 0, concat('token-', toString(number)), NULL) AS token_id,
    if(number % 10 IN (1, 2), concat(toString(1 + intDiv(number, 65536)), '.', toString(intDiv(number, 256) % 256), '.', toString(number % 256), '.0/24'), NULL) AS prefix,
    if(number % 10 = 3, concat('aws:10.', toString(intDiv(number, 256) % 256), '.', toString(number % 256), '.0/24'), NULL) AS range_id,
    toUInt32(64512 + number % 1000) AS asn,
    ['cloud', 'isp', 'enterprise', 'hosting'][1 + number % 4] AS network_type
FROM numbers(100000);

INSERT INTO org (org_id, name, exempt, contact, recorded_at, retracted_at, state)
SELECT concat('org-', toString(number)) AS org_id, concat('Organisation ', toString(number)) AS name, false AS exempt, '' AS contact, toDateTime64('2026-01-01 00:00:00', 3, 'UTC') AS recorded_at, toDateTime64('2199-12-31 00:00:00', 3, 'UTC') AS retracted_at, 0 AS state
FROM numbers(10000);

INSERT INTO org_evidence (evidence_id, org_id, tier, kind, value, secret_sha256, valid_from, valid_to, source, recorded_at, retracted_at, state)
SELECT
    if(number % 10 = 0, concat('token-', toString(number)), concat('evidence-', toString(number))) AS evidence_id,
    concat('org-', toString(number % 10000)) AS org_id,
    if(number % 10 = 0, 'E1', 'E2') AS tier,
    if(number % 10 = 0, 'token', 'cidr') AS kind,
    if(number % 10 = 0, evidence_id, concat(toString(1 + intDiv(number, 65536)), '.', toString(intDiv(number, 256) % 256), '.', toString(number % 256), '.0/24')) AS value,
    '' AS secret_sha256,
    toDate('2026-01-01') AS valid_from,
    NULL AS valid_to,
    'bench' AS source,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') AS recorded_at,
    toDateTime64('2199-12-31 00:00:00', 3, 'UTC') AS retracted_at,
    0 AS state
FROM numbers(1, 99999) -- token-0 is declared later
WHERE number % 10 < 3;

INSERT INTO ingest_ledger (source, epoch, partition, first, last, revision, batch_id, state, lines, requests, days, day_requests, day_downloads, day_bytes, usage_rows, rate_rows, methodology_version, recorded_at)
SELECT
    'edge', 0, 'edge/0',
    row_number() OVER (ORDER BY batch_id) - 1 AS first, first + 1 AS last,
    1, batch_id, 'loaded', requests, sum(usage_batch.requests) AS requests, [toDate({day:Date})], [requests], [sum(usage_batch.downloads)], [sum(usage_batch.bytes)], count(),
    any(rates.rows), 2, toDateTime64({day:Date}, 3, 'UTC') + INTERVAL 1 DAY
FROM usage_batch
INNER JOIN (SELECT batch_id, count() AS rows FROM rate_batch GROUP BY batch_id) AS rates ON rates.batch_id = usage_batch.batch_id
GROUP BY batch_id
