-- Networks that were declared later than their traffic was read: usage moves from what was known then to who declared.

CREATE TABLE IF NOT EXISTS usage_move
(
    attribution_version String COMMENT 'See attribution_run',
    computed_at DateTime64(3, 'UTC') COMMENT 'Of one (attribution_version, day) the latest counts',
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'As in usage_daily',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    client LowCardinality(String) COMMENT 'The tool that made them',
    evidence_set UInt64 COMMENT 'Taken from (negative measures), or the set that stands for the declared network; 0: nothing moves on this day',
    org_id String COMMENT 'Of a declared network: whose it is',
    tier LowCardinality(String) COMMENT 'Of a declared network: tier of the evidence',
    evidence_id String COMMENT 'Of a declared network: the evidence',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'See usage_daily',
    repeat_bytes Int64 COMMENT 'See usage_daily'
)
ENGINE = ReplacingMergeTree
ORDER BY (attribution_version, day, computed_at, booked_day, ecosystem, requester_class, client, evidence_set, org_id, tier, evidence_id)
COMMENT 'What an attribution moves by network, without packages; sums to zero. Kept, so that it holds when networks are gone';
