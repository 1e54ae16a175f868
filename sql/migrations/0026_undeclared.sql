-- Traffic that declares nothing. A token may be marked as CI's, so that it shows how often CI sends its flag (docs/METHODOLOGY.md, "How
-- much of the rest is CI"). Each batch keeps its heaviest user agents of unknown purpose, so that lists can be kept current
-- (`fairshare unknown`).

ALTER TABLE org_evidence
    ADD COLUMN IF NOT EXISTS ci Bool DEFAULT false COMMENT 'For tokens: only CI jobs send it, as the organisation says. Attribution does not read it';

CREATE TABLE IF NOT EXISTS agent_batch
(
    batch_id UUID COMMENT 'The batch; see ingest_ledger',
    row UInt32 COMMENT 'Number of the row within its batch',
    day Date COMMENT 'Day on which the requests occurred, UTC',
    user_agent String COMMENT 'User agent of requests of the class unknown or hosted, with parts masked that may be personal; empty: the rest of the batch, by rule',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    network_bits UInt64 COMMENT 'How many networks: bit n of 64 is set if the hash of one of them is n. No network can be told from it',
    requests UInt64 COMMENT 'Requests',
    bytes UInt64 COMMENT 'Bytes sent by the edge'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(day)
ORDER BY (batch_id, row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Heaviest user agents of unknown purpose, per batch; counts only through ingest_ledger; restricted, kept as landing is'
