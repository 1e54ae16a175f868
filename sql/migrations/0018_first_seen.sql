-- The time after which no line of a log can have been written is decided once, before anything of the log is stored, so that the
-- same lines count whenever they are read again.

CREATE TABLE IF NOT EXISTS object_seen
(
    source LowCardinality(String) COMMENT 'The configured source',
    object String COMMENT 'Name of the object, as in ingest_ledger',
    content String COMMENT 'Tells this content of the name from another one: version or etag of a store; size and modification time of a file; SHA-256 of a stream',
    seen_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'When an ingest first saw it'
)
ENGINE = AggregatingMergeTree
ORDER BY (source, object, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'When log objects were first seen; lines with a later time, plus a tolerance, are quarantined';

ALTER TABLE ingest_ledger
    ADD COLUMN IF NOT EXISTS seen_at DateTime64(3, 'UTC') COMMENT 'When the lines were first seen, or their object was modified, whichever is later; lines with a later time, plus a tolerance, are quarantined. 1970: not recorded' AFTER recorded_at;
