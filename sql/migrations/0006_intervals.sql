-- Intervals: how precise evidence of E4–E6 is, measured where a token tells the truth, and what follows for each organisation.

ALTER TABLE evidence_verdict ADD COLUMN IF NOT EXISTS hidden_org_id String COMMENT 'Sets with a token: the organisation that E4–E6 would name without it; empty: none' AFTER platform;
ALTER TABLE evidence_verdict ADD COLUMN IF NOT EXISTS hidden_tier LowCardinality(String) COMMENT 'Tier of that evidence' AFTER hidden_org_id;
ALTER TABLE evidence_verdict ADD COLUMN IF NOT EXISTS hidden_evidence_id String COMMENT 'That evidence' AFTER hidden_tier;

ALTER TABLE allocation_run ADD COLUMN IF NOT EXISTS interval_seed UInt64 COMMENT 'Seed of the draws' AFTER supersedes;
ALTER TABLE allocation_run ADD COLUMN IF NOT EXISTS interval_draws UInt32 COMMENT 'Draws per organisation; 0: the run is older than intervals' AFTER interval_seed;
ALTER TABLE allocation_run ADD COLUMN IF NOT EXISTS intervals_sha256 String COMMENT 'Hash of usage_interval of the run' AFTER interval_draws;

CREATE TABLE IF NOT EXISTS interval_precision
(
    run_id String COMMENT 'See allocation_run',
    tier LowCardinality(String) COMMENT 'E4, E5, E6',
    prefixes_right UInt64 COMMENT 'Prefixes with token traffic whose evidence names the organisation of the token',
    prefixes_wrong UInt64 COMMENT 'Prefixes with token traffic whose evidence names another'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, tier)
COMMENT 'Measured precision of evidence, the token hidden, in the period of a run; kept for ever';

CREATE TABLE IF NOT EXISTS interval_input
(
    run_id String COMMENT 'See allocation_run',
    family_id String COMMENT 'Legal family',
    org_id String COMMENT 'The organisation',
    tier LowCardinality(String) COMMENT 'Tier of the evidence',
    prefix String COMMENT 'What errs as a whole: the CIDR of the evidence, or the /24 or /48 where an AS number decided; empty for E1–E3',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    requests Int64 COMMENT 'Requests',
    bytes Int64 COMMENT 'Bytes'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, family_id, org_id, tier, prefix, requester_class)
COMMENT 'Attributed usage as intervals saw it; kept for ever, so that a run can be verified when finer data are gone';

CREATE TABLE IF NOT EXISTS usage_interval
(
    run_id String COMMENT 'See allocation_run',
    family_id String COMMENT 'Legal family',
    org_id String COMMENT 'The organisation; empty: all of the family',
    tier LowCardinality(String) COMMENT 'Tier of the evidence; empty: all',
    requester_class LowCardinality(String) COMMENT 'Requester class; empty: all',
    requests_attributed Int64 COMMENT 'What was attributed',
    requests_low Int64 COMMENT '5 % of the draws lie below',
    requests_point Int64 COMMENT 'Median of the draws',
    requests_high Int64 COMMENT '5 % of the draws lie above',
    bytes_attributed Int64 COMMENT 'What was attributed',
    bytes_low Int64 COMMENT '5 % of the draws lie below',
    bytes_point Int64 COMMENT 'Median of the draws',
    bytes_high Int64 COMMENT '5 % of the draws lie above',
    units_attributed Decimal(38, 6) COMMENT 'What was attributed',
    units_low Decimal(38, 6) COMMENT '5 % of the draws lie below',
    units_point Decimal(38, 6) COMMENT 'Median of the draws',
    units_high Decimal(38, 6) COMMENT '5 % of the draws lie above'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, family_id, org_id, requester_class, tier)
COMMENT 'How much of what was attributed to an organisation is truly its own, by the draws of a run';
