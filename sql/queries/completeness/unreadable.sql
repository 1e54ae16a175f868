-- Lines by source and day, and how many of them could not be read. A line that could not be read has no day: it counts for the
-- days of its batch, in proportion to their requests. A batch without requests counts for the days of its object; an object
-- without any, for the day on which it was last written; a topic, for the day on which the record was appended.
WITH
    -- batches that count
    batches AS
    (
        SELECT source, partition, object, lines, requests, quarantined, days, day_requests, last_record_at, seen_at, recorded_at
        FROM ledger_current
        WHERE state = 'loaded' AND lines > 0
    ),
    -- the last day of each object
    objects AS
    (
        SELECT source, partition, max(arrayMax(days)) AS day
        FROM batches
        WHERE object != '' AND notEmpty(days)
        GROUP BY source, partition
    )
SELECT
    source,
    entry.1 AS day,
    sum(entry.2 * lines) AS lines_of_day,
    sum(entry.2 * quarantined) AS unreadable
FROM
(
    SELECT
        batches.source AS source,
        batches.lines AS lines,
        batches.quarantined AS quarantined,
        arrayJoin(if(
            notEmpty(days),
            arrayMap((day, share) -> (day, share / batches.requests), days, day_requests),
            [(multiIf(
                object = '', toDate(last_record_at),
                objects.day > toDate(0), objects.day,
                seen_at > toDateTime64('1970-01-02 00:00:00', 3, 'UTC'), toDate(seen_at),
                toDate(recorded_at)), 1.)])) AS entry
    FROM batches
    LEFT JOIN objects ON objects.source = batches.source AND objects.partition = batches.partition
)
WHERE entry.1 >= {from:Date} AND entry.1 <= {to:Date}
GROUP BY source, day
ORDER BY source, day
