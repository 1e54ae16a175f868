-- The service levels of a closed month are kept, because the rates that decide them are deleted. A run knows its last day, so that the
-- cost of an open month can be shared pro rata and computed again. A proof knows the batches that carried it.

CREATE TABLE IF NOT EXISTS period_tier
(
    period String COMMENT 'YYYY-MM: the closed month',
    run_id String COMMENT 'The run that closed it; see allocation_run',
    policy_version String COMMENT 'Policy that set the levels',
    days UInt16 COMMENT 'Days of the month that the levels are made of',
    until Date COMMENT 'Last of these days',
    state LowCardinality(String) COMMENT 'EVALUATION or ENFORCEMENT, as the policy said',
    kind LowCardinality(String) COMMENT 'organisation or network',
    id String COMMENT 'The organisation, or the /24 or /48 that no organisation answers for; empty: all networks of the first level together',
    level LowCardinality(String) COMMENT 'Service level',
    level_no UInt8 COMMENT 'Its number in the policy; 0 is the free one',
    decided_by LowCardinality(String) COMMENT 'rate, volume or exemption',
    peak_requests Int64 COMMENT 'Requests in the five minutes of the 95th percentile',
    requests Int64 COMMENT 'Requests of the month',
    parties UInt64 COMMENT 'Parties in this row: one, or all networks of the first level'
)
ENGINE = ReplacingMergeTree
ORDER BY (period, run_id, kind, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Service levels of closed months; networks only above the first level; restricted';

ALTER TABLE allocation_run
    ADD COLUMN IF NOT EXISTS until Date DEFAULT toLastDayOfMonth(toDate(concat(period, '-01'))) COMMENT 'Last day whose bookings count; before the last day of the month the cost is pro rata by days' AFTER period;

ALTER TABLE proof_seen
    ADD COLUMN IF NOT EXISTS batches Array(UUID) DEFAULT [] COMMENT 'Batches that carried the nonce in time from the range; empty: not recorded, before migration 0027'
