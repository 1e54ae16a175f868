-- The seals that count: the last one for each (day, booked_day).
CREATE OR REPLACE VIEW seal_current
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'Partition of the sealed tables that this seal wrote',
    seal_no UInt64 COMMENT 'For one (day, booked_day) the highest counts',
    state LowCardinality(String) COMMENT 'open: may be sealed again; closed: never changes; dropped: closed, and its landing is gone',
    batches Array(UUID) COMMENT 'Batches of the day when it was sealed, in order',
    revisions Array(UInt32) COMMENT 'Revisions of the rules that the batches were read by',
    methodology_version UInt16 COMMENT 'docs/METHODOLOGY.md',
    requests Int64 COMMENT 'Sum over the partition',
    downloads Int64 COMMENT 'Sum over the partition',
    partials Int64 COMMENT 'Transfers of parts of files',
    bytes Int64 COMMENT 'Sum over the partition',
    usage_rows UInt64 COMMENT 'Rows of usage_daily in the partition',
    usage_hash UInt64 COMMENT 'Sum of the hashes of its rows in usage_daily',
    sealed_at DateTime64(3, 'UTC') COMMENT 'When it was sealed; decides nothing',
    has_facets Bool COMMENT 'Whether client_daily, status_daily and package_daily have this booking; false before migration 0025'
)
COMMENT 'The seals that count, of day_seal'
AS SELECT *
FROM day_seal FINAL
ORDER BY day, booked_day, seal_no DESC
LIMIT 1 BY day, booked_day;
