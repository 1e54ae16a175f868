-- Partitions that wait for a person, and what became of them.

CREATE TABLE IF NOT EXISTS partition_stop
(
    source LowCardinality(String) COMMENT 'The configured source',
    partition String COMMENT 'topic/partition',
    number UInt32 COMMENT 'Of one partition upwards; the highest says how it is now',
    state LowCardinality(String) COMMENT 'stopped: it waits for a person; released: a person lets it go on; resumed: it went on',
    reason LowCardinality(String) COMMENT 'Why it stopped (docs/OPERATIONS.md)',
    detail String COMMENT 'What was found, or what the person decided',
    next String COMMENT 'What to do about it',
    committed Nullable(Int64) COMMENT 'What the group had committed when it stopped; a release lets this offset be moved back',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When; decides nothing'
)
ENGINE = ReplacingMergeTree
ORDER BY (source, partition, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Stops of Kafka partitions, releases, and when they went on';

ALTER TABLE revision COMMENT COLUMN reason 'rules: the rules changed; claim: a worker took a partition; retract, replay: a range is about to be replaced';
