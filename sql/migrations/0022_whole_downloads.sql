-- Methodology 2: a download is one whole transfer, and transfers of parts are counted by themselves. It holds from a recorded day on;
-- a warehouse in which nothing was loaded begins with it.

CREATE TABLE IF NOT EXISTS methodology_start
(
    version UInt16 COMMENT 'Version of the methodology (docs/METHODOLOGY.md)',
    from_day Date COMMENT 'First day on which it holds',
    reason String COMMENT 'Why it was set, for people',
    set_at DateTime64(3, 'UTC') COMMENT 'When it was set'
)
ENGINE = ReplacingMergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'From which day each version of the methodology holds; days before the first row have version 1';

INSERT INTO methodology_start
SELECT 2, toDate('1970-01-01'), 'the warehouse was new', now64(3, 'UTC')
WHERE (SELECT count() FROM ingest_ledger) = 0 AND (SELECT count() FROM methodology_start) = 0;

ALTER TABLE usage_batch
    ADD COLUMN IF NOT EXISTS partials UInt64 COMMENT 'Transfers of a part of a file' AFTER max_download_bytes,
    COMMENT COLUMN max_download_bytes 'Bytes of the largest of the downloads. In a row without downloads: bytes of each of its transfers from the first byte with no end named, which sealing compares with the file';

ALTER TABLE ingest_ledger
    ADD COLUMN IF NOT EXISTS day_partials Array(UInt64) COMMENT 'Transfers of parts by day; empty before methodology 2' AFTER day_downloads;

ALTER TABLE usage_daily
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Transfers of a part of a file; 0 before methodology 2' AFTER repeat_bytes;
ALTER TABLE usage_daily_staging
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Transfers of a part of a file; 0 before methodology 2' AFTER repeat_bytes;
ALTER TABLE usage_hourly
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Transfers of a part of a file; 0 before methodology 2' AFTER bytes;
ALTER TABLE usage_hourly_staging
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Transfers of a part of a file; 0 before methodology 2' AFTER bytes;
ALTER TABLE network_daily
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Transfers of a part of a file; 0 before methodology 2' AFTER packages;
ALTER TABLE network_daily_staging
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Transfers of a part of a file; 0 before methodology 2' AFTER packages;
ALTER TABLE day_seal
    ADD COLUMN IF NOT EXISTS partials Int64 COMMENT 'Sum over the partition' AFTER downloads
