-- How far each source is loaded; NULL: nothing yet. last_record_at: time of its last request. The ledger of a topic has only the
-- times at which records were appended, so there it is no later than the end of the last request's day. complete_until: all
-- earlier requests are loaded, as far as the source tells. For objects, it is the last request; for a topic, the time of the
-- partition that is furthest behind, without partitions that had no records for a week.
CREATE OR REPLACE VIEW freshness
(
    source LowCardinality(String) COMMENT 'The configured source',
    batches UInt64 COMMENT 'Batches that count',
    lines UInt64 COMMENT 'Lines read',
    duplicates UInt64 COMMENT 'Requests with an id that their batch had already; they count',
    last_record_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Time of the last request; NULL: there is none',
    complete_until Nullable(DateTime64(3, 'UTC')) COMMENT 'All requests before this time are loaded, as far as the source tells; NULL: not known',
    last_day Nullable(Date) COMMENT 'Last day with requests; NULL: there is none',
    loaded_at DateTime64(3, 'UTC') COMMENT 'When the last batch was loaded',
    last_sealed_day Nullable(Date) COMMENT 'Last sealed day of all sources; NULL: none is sealed'
)
COMMENT 'How far each source is loaded'
AS
WITH
    partitions AS
    (
        SELECT
            source,
            partition,
            object = '' AS is_topic,
            count() AS batches,
            sum(ledger_current.lines) AS lines,
            sum(ledger_current.duplicates) AS duplicates,
            max(recorded_at) AS loaded_at,
            max(arrayMax(days)) AS last_day,
            max((epoch, ledger_current.last_record_at)).2 AS record_at
        FROM ledger_current
        WHERE state = 'loaded'
        GROUP BY source, partition, is_topic
    )
SELECT
    source,
    sum(partitions.batches) AS batches,
    sum(partitions.lines) AS lines,
    sum(partitions.duplicates) AS duplicates,
    nullIf(max(if(is_topic, least(record_at, toDateTime64(partitions.last_day, 3, 'UTC') + toIntervalMillisecond(86399999)), record_at)), toDateTime64(0, 3, 'UTC')) AS last_record_at,
    nullIf(
        arrayMin(
            arrayFilter(
                reached -> reached > greatest(max(record_at), toDateTime64('1970-01-09 00:00:00', 3, 'UTC')) - toIntervalDay(7),
                arrayConcat(groupArrayIf(record_at, is_topic), [maxIf(record_at, NOT is_topic)])
            )
        ),
        toDateTime64(0, 3, 'UTC')
    ) AS complete_until,
    nullIf(max(partitions.last_day), toDate(0)) AS last_day,
    max(partitions.loaded_at) AS loaded_at,
    (SELECT maxOrNull(day) FROM seal_current) AS last_sealed_day
FROM partitions
GROUP BY source;
