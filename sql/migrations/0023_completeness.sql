-- Completeness: requests by hour and edge host, so that a hole in a day shows, and what people decided about such days.

ALTER TABLE ingest_ledger
    ADD COLUMN IF NOT EXISTS hours Array(DateTime('UTC')) COMMENT 'Hours in which the requests occurred, once for each edge host; the two arrays below have one entry for each. Empty: not recorded, before migration 0023',
    ADD COLUMN IF NOT EXISTS hour_edges Array(LowCardinality(String)) COMMENT 'Edge host, POP or data centre that the log names; empty: none',
    ADD COLUMN IF NOT EXISTS hour_requests Array(UInt64) COMMENT 'Requests by hour and edge host';

CREATE TABLE IF NOT EXISTS day_decision
(
    source LowCardinality(String) COMMENT 'The configured source',
    day Date COMMENT 'The day that is held back, UTC',
    kind LowCardinality(String) COMMENT 'hole: requests are missing; unreadable: too many lines could not be read',
    number UInt32 COMMENT 'Of one (source, day, kind) upwards; the highest counts',
    state LowCardinality(String) COMMENT 'accepted: the day may be closed and published as it is; withdrawn: no longer',
    came UInt64 COMMENT 'Requests of the day when it was accepted (hole), or its lines that could not be read (unreadable). With fewer requests, or more such lines, the day is held again',
    found String COMMENT 'What was found when it was accepted',
    reason String COMMENT 'Why, as the person wrote it',
    decided_by String COMMENT 'Who: user and machine',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When; decides nothing'
)
ENGINE = ReplacingMergeTree
ORDER BY (source, day, kind, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Days that looked incomplete, and that a person accepted';
