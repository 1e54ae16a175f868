-- Traffic that declares nothing. A token may be marked as CI's, so that it shows how often CI sends its flag (docs/METHODOLOGY.md, "How
-- much of the rest is CI"). Each batch keeps its heaviest user agents of unknown purpose, so that lists can be kept current
-- (`fairshare unknown`).

ALTER TABLE org_evidence
    ADD COLUMN IF NOT EXISTS ci Bool DEFAULT false COMMENT 'For tokens: only CI jobs send it, as the organisation says. Attribution does not read it';

CREATE TABLE IF NOT EXISTS agent_batch
(
    batch_id UUID COMMENT 'The batch; see ingest_ledger',
    row UInt32 COMMENT 'Number of the row within its batch',
    day Date COMMENT 'Day of most requests of the batch, UTC',
    requester_class LowCardinality(String) COMMENT 'unknown, hosted',
    user_agent String COMMENT 'User agent, with the parts masked that may be personal; only if at least three networks sent it in the batch',
    requests UInt64 COMMENT 'Requests',
    bytes UInt64 COMMENT 'Bytes sent by the edge'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(day)
ORDER BY (batch_id, row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'The heaviest user agents of the classes unknown and hosted, 100 of a batch at most; counts only through ingest_ledger; restricted, dropped with landing'
