-- Results: what was decided from usage, with everything needed to decide it again.

CREATE TABLE IF NOT EXISTS attribution_run
(
    attribution_version String COMMENT 'SHA-256 of the active evidence and the rules of attribution',
    known_at DateTime64(3, 'UTC') COMMENT 'The registry as it was known at this time',
    evidence_rows UInt64 COMMENT 'Active rows of org_evidence',
    evidence_sets UInt64 COMMENT 'Evidence sets judged',
    computed_at DateTime64(3, 'UTC') COMMENT 'When; the latest is what views show'
)
ENGINE = MergeTree
ORDER BY computed_at
COMMENT 'Each time evidence was turned into verdicts';

CREATE TABLE IF NOT EXISTS evidence_verdict
(
    attribution_version String COMMENT 'See attribution_run',
    evidence_set UInt64 COMMENT 'See evidence_set',
    valid_from Date COMMENT 'First day of the slice in which the same evidence holds',
    valid_to Date COMMENT 'First day after it',
    org_id Nullable(String) COMMENT 'The organisation; NULL: unattributed',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: unattributed',
    evidence_id String COMMENT 'The evidence that decided; empty: unattributed',
    unattributed LowCardinality(String) COMMENT 'platform, negative, conflict, unknown; empty: attributed',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the range, where published; names no organisation'
)
ENGINE = ReplacingMergeTree
ORDER BY (attribution_version, evidence_set, valid_from)
COMMENT 'Which organisation an evidence set means, or why none';

CREATE TABLE IF NOT EXISTS allocation_run
(
    run_id String COMMENT 'SHA-256 of inputs and versions',
    period String COMMENT 'YYYY-MM',
    status LowCardinality(String) COMMENT 'open: may be replaced; closed: final',
    attribution_version String COMMENT 'See attribution_run',
    policy_version String COMMENT 'Version in the policy file',
    methodology_version UInt16 COMMENT 'docs/METHODOLOGY.md',
    code_version String COMMENT 'Version of fairshare',
    inputs_sha256 Array(String) COMMENT 'Policy, costs, units: hash of each',
    policy String COMMENT 'The policy as used, JSON',
    costs String COMMENT 'The costs as used, JSON',
    result String COMMENT 'Totals, JSON',
    recoverable_num String COMMENT 'R, numerator',
    recoverable_den String COMMENT 'R, denominator',
    tier_sum String COMMENT 'S',
    lines_sha256 String COMMENT 'Hash of the lines',
    supersedes String COMMENT 'run_id of the run it replaces, or empty',
    computed_at DateTime64(3, 'UTC') COMMENT 'When; decides nothing'
)
ENGINE = MergeTree
ORDER BY (period, computed_at)
COMMENT 'Allocations of a period''s costs';

CREATE TABLE IF NOT EXISTS allocation_input
(
    run_id String COMMENT 'See allocation_run',
    party String COMMENT 'Family, or the kind of unattributed usage',
    kind LowCardinality(String) COMMENT 'billable, exempt, not_billable, unattributed',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    tier LowCardinality(String) COMMENT 'Tier of the evidence; empty: unattributed',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Downloads',
    bytes Int64 COMMENT 'Bytes'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, kind, party, requester_class, tier)
COMMENT 'Usage as an allocation saw it; kept for ever, so that a run can be verified when finer data are gone';

CREATE TABLE IF NOT EXISTS allocation_line
(
    run_id String COMMENT 'See allocation_run',
    family String COMMENT 'Who owes',
    gross String COMMENT 'Units, rational',
    net String COMMENT 'Units above the allowance, rational',
    tiered String COMMENT 'Units after tiers, rational',
    raw_num String COMMENT 'Exact share in cents, numerator',
    raw_den String COMMENT 'Exact share in cents, denominator',
    billed_cents Int64 COMMENT 'What is billed',
    rule LowCardinality(String) COMMENT 'share, cap, minimum, free'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, family)
COMMENT 'What each family owes';

CREATE TABLE IF NOT EXISTS export_run
(
    run_id String COMMENT 'SHA-256 of the manifest',
    organisation String COMMENT 'org_id',
    period String COMMENT 'YYYY-MM',
    status LowCardinality(String) COMMENT 'open, closed',
    manifest String COMMENT 'The manifest, JSON',
    created_at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (organisation, period, created_at)
COMMENT 'Exports handed to subscribers';

CREATE TABLE IF NOT EXISTS period_close
(
    period String COMMENT 'YYYY-MM',
    run_id String COMMENT 'The allocation that stands',
    closed_at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = ReplacingMergeTree
ORDER BY period
COMMENT 'Closed periods: their figures never change';
