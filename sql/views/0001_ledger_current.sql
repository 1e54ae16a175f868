-- The batches that count: for one (source, epoch, partition, first), the row of the highest revision. A later load may have cut
-- an object at other places, so if two ranges of an object overlap, only the one of the higher revision counts.
-- Its columns are those of ingest_ledger, as of migration 0024: a migration that adds a column changes this list too.
CREATE OR REPLACE VIEW ledger_current
(
    source LowCardinality(String) COMMENT 'The configured source',
    epoch UInt32 COMMENT 'Epoch of the topic; 0 for files',
    partition String COMMENT 'Kafka: topic/partition. Files: SHA-256 of the decompressed content; of the stored bytes, if loaded before migration 0021 (see object_content)',
    first UInt64 COMMENT 'First offset (Kafka) or byte of the decompressed content (files) of the batch',
    last UInt64 COMMENT 'One past the last',
    revision UInt32 COMMENT 'Revision of the rules; for one (source, epoch, partition, first) the highest counts',
    batch_id UUID COMMENT 'Hash of the identity above; facts carry it',
    state LowCardinality(String) COMMENT 'loaded; retracted: nothing of the range counts; start: a partition begins here',
    object String COMMENT 'Files: name relative to the PATH given',
    lines UInt64 COMMENT 'Lines read = requests + excluded + quarantined',
    requests UInt64 COMMENT 'Lines that are requests',
    excluded UInt64 COMMENT 'Lines excluded by rule',
    quarantined UInt64 COMMENT 'Lines that could not be read',
    bytes_unknown UInt64 COMMENT 'Requests without a size in the log',
    duplicates UInt64 COMMENT 'Requests with an id that the batch had already; they count',
    reasons Map(LowCardinality(String), UInt64) COMMENT 'Excluded and quarantined lines by reason',
    degraded Map(LowCardinality(String), UInt64) COMMENT 'Requests with a field that could not be read or is in doubt, by reason (docs/METHODOLOGY.md); a request may have several; they count',
    degraded_requests UInt64 COMMENT 'Requests with a field that could not be read or is in doubt, each once; they count',
    days Array(Date) COMMENT 'Days on which the requests occurred; each array below has one entry for each of them',
    day_requests Array(UInt64) COMMENT 'Requests by day',
    day_downloads Array(UInt64) COMMENT 'Downloads by day',
    day_partials Array(UInt64) COMMENT 'Transfers of parts by day; empty before methodology 2',
    day_bytes Array(UInt64) COMMENT 'Bytes by day',
    usage_rows UInt64 COMMENT 'Rows in usage_batch',
    usage_hash UInt64 COMMENT 'Sum of their hashes',
    rate_rows UInt64 COMMENT 'Rows in rate_batch',
    rate_hash UInt64 COMMENT 'Sum of their hashes',
    quarantine_rows UInt64 COMMENT 'Rows in quarantine',
    quarantine_hash UInt64 COMMENT 'Sum of their hashes',
    methodology_version UInt16 COMMENT 'docs/METHODOLOGY.md',
    last_record_at DateTime64(3, 'UTC') COMMENT 'Timestamp of the last record (Kafka), or of the last request',
    last_record_sha256 String COMMENT 'Hash of the last record: tells whether a topic was re-created',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When the row was written; decides nothing',
    seen_at DateTime64(3, 'UTC') COMMENT 'When the lines were first seen, or their object was modified, whichever is later; lines with a later time, plus a tolerance, are quarantined. 1970: not recorded',
    hours Array(DateTime('UTC')) COMMENT 'Hours in which the requests occurred, once for each edge host; the two arrays below have one entry for each. Empty: not recorded, before migration 0023',
    hour_edges Array(LowCardinality(String)) COMMENT 'Edge host, POP or data centre that the log names; empty: none',
    hour_requests Array(UInt64) COMMENT 'Requests by hour and edge host'
)
COMMENT 'The batches that count, of ingest_ledger'
AS
WITH
    loaded_again AS
    (
        SELECT source, partition, first, last, revision
        FROM ingest_ledger
        WHERE object != '' AND (source, partition) IN
        (
            SELECT source, partition FROM ingest_ledger WHERE object != '' GROUP BY source, partition HAVING max(revision) > min(revision)
        )
    ),
    overruled AS
    (
        SELECT earlier.source, earlier.partition, earlier.first, earlier.last, earlier.revision
        FROM loaded_again AS earlier
        INNER JOIN loaded_again AS later ON later.source = earlier.source AND later.partition = earlier.partition
        WHERE later.revision > earlier.revision AND later.first < earlier.last AND earlier.first < later.last
    )
SELECT *
FROM ingest_ledger FINAL
WHERE object = '' OR (source, partition, first, last, revision) NOT IN (overruled)
ORDER BY source, epoch, partition, first, revision DESC
LIMIT 1 BY source, epoch, partition, first;
