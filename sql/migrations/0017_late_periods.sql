-- Runs that correct a closed period are found by a column. The engine computes it from the recorded corrections, for old rows too.

ALTER TABLE allocation_run
    ADD COLUMN IF NOT EXISTS late_periods Array(String) MATERIALIZED arrayMap(late -> JSONExtractString(late, 'of_period'), JSONExtractArrayRaw(corrections, 'late')) COMMENT 'YYYY-MM: closed periods whose late usage the run settles; from corrections' AFTER corrections
