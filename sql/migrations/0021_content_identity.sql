-- The content of a log object is its identity. Objects that cannot be loaded are recorded, so that one of them does not stop a night.

CREATE TABLE IF NOT EXISTS object_content
(
    source LowCardinality(String) COMMENT 'The configured source',
    object String COMMENT 'Name of the object, as in ingest_ledger',
    stored_sha256 String COMMENT 'SHA-256 of its bytes as they are stored',
    content_sha256 String COMMENT 'SHA-256 of its decompressed content',
    content_bytes UInt64 COMMENT 'Length of its decompressed content',
    body_at_bytes UInt64 COMMENT 'Where the first line begins that is no directive (a line with a leading #)',
    heads Array(String) COMMENT 'Digests of its first 128, 1024, 8192 and 65536 bytes from there on, as far as it has so many: objects with the same beginning are found by them',
    partition String COMMENT 'Under which the ledger has the content: its SHA-256; of the stored bytes, if it was loaded before migration 0021; another, if it is loaded beside its twin',
    same_as String COMMENT 'Name of the object with the same content that counts; empty: it counts itself',
    continues Array(String) COMMENT 'Partitions of the loaded objects that it begins with: the ledger has only the rest under its own; empty: it is loaded from its beginning',
    reason String COMMENT 'Why a person had it loaded although the content is loaded under another name, or other content under its name',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When; decides nothing'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (source, object, stored_sha256)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Contents of log objects, under each name and in each form of storage in which an ingest met them';

CREATE TABLE IF NOT EXISTS object_refused
(
    source LowCardinality(String) COMMENT 'The configured source',
    object String COMMENT 'Name of the object',
    content String COMMENT 'Tells this content of the name from another one, as in object_seen',
    reason String COMMENT 'Why it was refused',
    first_refused_at DateTime64(3, 'UTC') COMMENT 'When this content was first refused',
    last_refused_at DateTime64(3, 'UTC') COMMENT 'When it was last refused',
    state LowCardinality(String) COMMENT 'open: nothing of it counts; loaded: it was loaded later; gone: it is given up, or the object is found under another name',
    decision String COMMENT 'Of state gone: what a person decided, or its new name',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When the row was written: the last of an object says how it is'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (source, object)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Log objects that an ingest refused; read it with FINAL';

ALTER TABLE ingest_ledger COMMENT COLUMN partition 'Kafka: topic/partition. Files: SHA-256 of the decompressed content; of the stored bytes, if loaded before migration 0021 (see object_content)';
