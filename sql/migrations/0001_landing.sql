-- Landing: what workers write, one batch at a time (docs/ARCHITECTURE.md, "Loading exactly once").
-- Facts are keyed by the batch and the row within it: the same range gives the same rows in the same order, so a repeated
-- load collapses. Before that they are ordered by one of 64 buckets of what they are about, so that a day of any size is
-- sealed bucket by bucket in little memory; the transform writes rows in this order, so inserting needs no sort.

CREATE TABLE IF NOT EXISTS revision
(
    revision UInt32 COMMENT 'Numbered upwards; immutable once published',
    rules_sha256 String COMMENT 'Hash of the rules in force: methodology, registry prefixes, published ranges, AS database',
    reason LowCardinality(String) COMMENT 'rules: the rules changed; retract, replay: a range is about to be replaced',
    detail String COMMENT 'What changed, for people',
    methodology_version UInt16 COMMENT 'docs/METHODOLOGY.md',
    published_at DateTime64(3, 'UTC') COMMENT 'When this revision was published'
)
ENGINE = ReplacingMergeTree
ORDER BY (revision, rules_sha256)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Revisions of the rules by which batches are read';

CREATE TABLE IF NOT EXISTS usage_batch
(
    batch_id UUID COMMENT 'The batch: a hash of (source, epoch, partition, first, last, revision); see ingest_ledger',
    row UInt32 COMMENT 'Number of the row within its batch',
    hour DateTime('UTC') COMMENT 'Start of the hour in which the requests occurred',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    file String COMMENT 'File name of an artifact, signature or tool',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the request (docs/METHODOLOGY.md)',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made the request',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'What is known of whom the request belongs to; see evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2 as the edge recorded it; empty: not known',
    network String COMMENT 'The /24 or /48 of the address in CIDR notation; empty: not known',
    requests UInt64 COMMENT 'Requests',
    downloads UInt64 COMMENT 'Requests that count as downloads',
    bytes UInt64 COMMENT 'Bytes sent by the edge',
    download_bytes UInt64 COMMENT 'Bytes of the downloads',
    max_download_bytes UInt64 COMMENT 'Bytes of the largest of the downloads',
    bucket UInt8 MATERIALIZED if(package = '', bitXor(CRC32(client), CRC32(country)), CRC32(package)) % 64 COMMENT 'A package is in one of them'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(hour)
ORDER BY (bucket, batch_id, row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Usage by hour and every dimension, per batch; counts only through ingest_ledger';

CREATE TABLE IF NOT EXISTS rate_batch
(
    batch_id UUID COMMENT 'The batch; see ingest_ledger',
    row UInt32 COMMENT 'Number of the row within its batch',
    slot DateTime('UTC') COMMENT 'Start of the five minutes in which the requests occurred',
    source LowCardinality(String) COMMENT 'The configured source',
    evidence_set UInt64 COMMENT 'See evidence_set',
    network String COMMENT 'The /24 or /48 in CIDR notation; empty: not known',
    requests UInt64 COMMENT 'Requests',
    bytes UInt64 COMMENT 'Bytes sent by the edge',
    bucket UInt8 MATERIALIZED CRC32(network) % 64 COMMENT 'A network is in one of them'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(slot)
ORDER BY (bucket, batch_id, row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Request rates by five minutes, per batch; counts only through ingest_ledger';

CREATE TABLE IF NOT EXISTS quarantine
(
    batch_id UUID COMMENT 'The batch; see ingest_ledger',
    row UInt32 COMMENT 'Number of the line within its batch',
    position UInt64 COMMENT 'Where the line begins: byte of the decompressed object, or offset of its message',
    reason LowCardinality(String) COMMENT 'Why it could not be read (docs/METHODOLOGY.md)',
    line_bytes UInt32 COMMENT 'Length of the line',
    line String COMMENT 'The line, capped; restricted, and emptied after 30 days'
)
ENGINE = ReplacingMergeTree
ORDER BY (batch_id, row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Lines that could not be read; counts only through ingest_ledger';

CREATE TABLE IF NOT EXISTS evidence_set
(
    id UInt64 COMMENT 'Hash of the set',
    token_id Nullable(String) COMMENT 'Id of the organisation token; never the token',
    prefix Nullable(String) COMMENT 'Longest registry prefix that contained the address, in CIDR notation',
    range_id Nullable(String) COMMENT 'Published cloud or CI range: provider:CIDR',
    asn Nullable(UInt32) COMMENT 'AS number',
    network_type LowCardinality(Nullable(String)) COMMENT 'cloud, ci, hosting, enterprise, isp, mobile, vpn, cgnat, tor'
)
ENGINE = ReplacingMergeTree
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'What was known, at ingest, of whom a request belongs to; which piece wins is decided in views';

CREATE TABLE IF NOT EXISTS ingest_ledger
(
    source LowCardinality(String) COMMENT 'The configured source',
    epoch UInt32 COMMENT 'Incarnation of the topic; 0 for files',
    partition String COMMENT 'Kafka: topic/partition. Files: SHA-256 of the stored bytes',
    first UInt64 COMMENT 'First offset (Kafka) or byte of the decompressed content (files) of the batch',
    last UInt64 COMMENT 'One past the last',
    revision UInt32 COMMENT 'The rules in force; of one (source, epoch, partition, first) the highest counts',
    batch_id UUID COMMENT 'Hash of the identity above; facts carry it',
    state LowCardinality(String) COMMENT 'loaded; retracted: the range counts nothing; start: where a partition begins',
    object String COMMENT 'Files: name relative to the PATH given',
    lines UInt64 COMMENT 'Lines read = requests + excluded + quarantined',
    requests UInt64 COMMENT 'Lines that are requests',
    excluded UInt64 COMMENT 'Lines excluded by rule',
    quarantined UInt64 COMMENT 'Lines that could not be read',
    bytes_unknown UInt64 COMMENT 'Requests whose size the log does not know',
    duplicates UInt64 COMMENT 'Requests whose id stood in the batch already; they count',
    reasons Map(LowCardinality(String), UInt64) COMMENT 'Excluded and quarantined lines by reason',
    days Array(Date) COMMENT 'Days that the requests occurred on; the arrays below run beside it',
    day_requests Array(UInt64) COMMENT 'Requests by day',
    day_downloads Array(UInt64) COMMENT 'Downloads by day',
    day_bytes Array(UInt64) COMMENT 'Bytes by day',
    usage_rows UInt64 COMMENT 'Rows in usage_batch',
    usage_hash UInt64 COMMENT 'Sum of their hashes',
    rate_rows UInt64 COMMENT 'Rows in rate_batch',
    rate_hash UInt64 COMMENT 'Sum of their hashes',
    quarantine_rows UInt64 COMMENT 'Rows in quarantine',
    quarantine_hash UInt64 COMMENT 'Sum of their hashes',
    methodology_version UInt16 COMMENT 'docs/METHODOLOGY.md',
    last_record_at DateTime64(3, 'UTC') COMMENT 'Timestamp of the last record (Kafka), or of the last request',
    last_record_sha256 String COMMENT 'Hash of the last record: tells whether a topic was re-created',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When the row was written; decides nothing'
)
ENGINE = ReplacingMergeTree
ORDER BY (source, epoch, partition, first, revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'One row per batch: its commit point. Never deleted, only overruled by a higher revision';
