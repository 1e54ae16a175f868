-- Sealed: rebuilt per day from landing and swapped in, partition by partition (day, booked_day).
-- Each table has a staging twin of the same shape: a seal is built there and then replaces the partition.

CREATE TABLE IF NOT EXISTS usage_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made them',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'See evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: what a cache would have saved, an upper bound',
    bucket UInt8 ALIAS if(package = '', bitXor(CRC32(client), CRC32(country)), CRC32(package)) % 64 COMMENT 'As in usage_batch'
)
ENGINE = MergeTree
PARTITION BY (day, booked_day)
ORDER BY (ecosystem, package, version, artifact, requester_class, client, evidence_set)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed usage by day and every dimension. Corrections of closed days are signed rows under a later booked_day';

CREATE TABLE IF NOT EXISTS usage_daily_staging AS usage_daily;

CREATE TABLE IF NOT EXISTS usage_hourly
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    hour DateTime('UTC') COMMENT 'Start of the hour',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    client LowCardinality(String) COMMENT 'The tool that made them',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge'
)
ENGINE = MergeTree
PARTITION BY (day, booked_day)
ORDER BY (hour, ecosystem, requester_class, client, country)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed usage by hour, for charts';

CREATE TABLE IF NOT EXISTS usage_hourly_staging AS usage_hourly;

CREATE TABLE IF NOT EXISTS network_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    network String COMMENT 'The /24 or /48 in CIDR notation; empty: not known',
    evidence_set UInt64 COMMENT 'See evidence_set',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    client LowCardinality(String) COMMENT 'The tool that made them',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: what a cache would have saved, an upper bound',
    packages Int64 COMMENT 'Distinct packages'
)
ENGINE = SummingMergeTree
PARTITION BY (day, booked_day)
ORDER BY (network, ecosystem, evidence_set, requester_class, client)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed usage by day and network, in parts to be summed; restricted, 90 days';

CREATE TABLE IF NOT EXISTS network_daily_staging AS network_daily;

CREATE TABLE IF NOT EXISTS request_rate
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    slot DateTime('UTC') COMMENT 'Start of the five minutes',
    source LowCardinality(String) COMMENT 'The configured source',
    evidence_set UInt64 COMMENT 'See evidence_set',
    network String COMMENT 'The /24 or /48 in CIDR notation; empty: not known',
    requests Int64 COMMENT 'Requests',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    bucket UInt8 ALIAS CRC32(network) % 64 COMMENT 'As in rate_batch'
)
ENGINE = MergeTree
PARTITION BY (day, booked_day)
ORDER BY (evidence_set, network, slot, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed request rates by five minutes; restricted, 90 days';

CREATE TABLE IF NOT EXISTS request_rate_staging AS request_rate;

CREATE TABLE IF NOT EXISTS day_seal
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'Partition of the sealed tables that this seal wrote',
    seal_no UInt64 COMMENT 'Of one (day, booked_day) the highest counts',
    state LowCardinality(String) COMMENT 'open: may be sealed again; closed: never changes; dropped: closed, and its landing is gone',
    batches Array(UUID) COMMENT 'Batches that the day consisted of when sealed, in order',
    revisions Array(UInt32) COMMENT 'Revisions of the rules they were read by',
    methodology_version UInt16 COMMENT 'docs/METHODOLOGY.md',
    requests Int64 COMMENT 'Sum over the partition',
    downloads Int64 COMMENT 'Sum over the partition',
    bytes Int64 COMMENT 'Sum over the partition',
    usage_rows UInt64 COMMENT 'Rows of usage_daily in the partition',
    usage_hash UInt64 COMMENT 'Sum of the hashes of its rows in usage_daily',
    sealed_at DateTime64(3, 'UTC') COMMENT 'When; decides nothing'
)
ENGINE = ReplacingMergeTree
ORDER BY (day, booked_day, seal_no)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Seals, written after the sealed tables; history is kept';
