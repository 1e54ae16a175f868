-- Corrections: lines of a period that set a closed one right. They stand outside the period's own sum (docs/FUNDING.md).

CREATE TABLE IF NOT EXISTS correction
(
    id String COMMENT 'Of the line, in the foundation''s file of corrections',
    period String COMMENT 'YYYY-MM: the open period whose statements carry it',
    of_period String COMMENT 'YYYY-MM: the closed period that it sets right',
    of_run_id String COMMENT 'The allocation that stood for it',
    family String COMMENT 'Who pays, or is credited',
    cents Int64 COMMENT 'Negative: a credit. 0: the line was taken back',
    currency LowCardinality(String) COMMENT 'ISO 4217',
    reason String COMMENT 'As the statement says it',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When; of one id the last counts'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY id
COMMENT 'Corrections that people decided; late usage is corrected without them';

CREATE TABLE IF NOT EXISTS allocation_correction
(
    run_id String COMMENT 'See allocation_run',
    of_period String COMMENT 'YYYY-MM: the closed period that is set right',
    of_run_id String COMMENT 'The allocation that stands for it',
    family String COMMENT 'Who pays, or is credited',
    kind LowCardinality(String) COMMENT 'late_usage: the closed period computed again with what came after it; manual: decided by people',
    id String COMMENT 'manual: of the line; late_usage: empty',
    requests Int64 COMMENT 'late_usage: requests of the family that came later; negative: that were taken back',
    bytes Int64 COMMENT 'Their bytes',
    cents Int64 COMMENT 'Negative: a credit',
    reason String COMMENT 'As the statement says it'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, of_period, family, kind, id)
COMMENT 'The correction lines of an allocation, beside its lines';

ALTER TABLE allocation_run ADD COLUMN IF NOT EXISTS corrections String DEFAULT '' COMMENT 'What the correction lines were made from, JSON; empty: there are none';
