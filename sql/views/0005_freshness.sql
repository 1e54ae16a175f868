-- How far each source is loaded; NULL: nothing yet. last_record_at: time of its last request. The ledger of a topic has only the
-- times at which records were appended, so there it is no later than the end of the last request's day. complete_until: all
-- earlier requests are loaded, as far as the source tells. For objects, it is the last request; for a topic, the time of the
-- partition that is furthest behind, without partitions that had no records for a week.
-- complete_until follows volume, because a single line with a wrong time must not let a missing night pass. A day is delivered if
-- it has a thousandth of the source's typical day, and at least two requests (one, if a typical day has one). Half of all requests
-- are on days of the typical size or larger, so stray lines on many days do not lower it. For objects, complete_until is not after
-- the end of the last delivered day; for a topic, not after the end of the next day, because a record is appended after its
-- requests. queries/retain/last_day.sql has the same rule.
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
    source_days AS
    (
        SELECT source, entry.1 AS day, sum(entry.2) AS requests
        FROM
        (
            SELECT source, arrayJoin(arrayZip(days, day_requests)) AS entry
            FROM ledger_current
            WHERE state = 'loaded'
        )
        GROUP BY source, day
    ),
    delivered AS
    (
        SELECT source, max(day) AS last_delivered
        FROM source_days
        INNER JOIN
        (
            SELECT source, quantileExactWeighted(0.5)(requests, requests) AS typical
            FROM source_days
            GROUP BY source
        ) AS sizes ON sizes.source = source_days.source
        WHERE source_days.requests >= greatest(least(2, typical), intDiv(typical, 1000))
        GROUP BY source
    ),
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
                reached -> reached > greatest(max(reached_at), toDateTime64('1970-01-09 00:00:00', 3, 'UTC')) - toIntervalDay(7),
                arrayConcat(groupArrayIf(reached_at, is_topic), [maxIf(reached_at, NOT is_topic)])
            )
        ),
        toDateTime64(0, 3, 'UTC')
    ) AS complete_until,
    nullIf(max(partitions.last_day), toDate(0)) AS last_day,
    max(partitions.loaded_at) AS loaded_at,
    (SELECT maxOrNull(day) FROM seal_current) AS last_sealed_day
FROM
(
    SELECT
        partitions.*,
        if(
            last_delivered = toDate(0),
            record_at,
            least(record_at, toDateTime64(last_delivered, 3, 'UTC') + toIntervalMillisecond(if(is_topic, 172799999, 86399999)))
        ) AS reached_at
    FROM partitions
    LEFT JOIN delivered ON delivered.source = partitions.source
) AS partitions
GROUP BY source;
