-- Requests by source, hour and edge host, in some days; of a topic by its partitions.
SELECT
    source,
    part,
    entry.2 AS edge,
    toDate(entry.1) AS day,
    toHour(entry.1) AS hour,
    sum(entry.3) AS requests
FROM
(
    SELECT
        source,
        if(object = '', partition, '') AS part,
        arrayJoin(arrayZip(hours, arrayMap(edge -> toString(edge), hour_edges), hour_requests)) AS entry
    FROM ledger_current
    WHERE state = 'loaded'
)
WHERE entry.1 >= toDateTime({from:Date}, 'UTC') AND entry.1 < toDateTime({to:Date}, 'UTC') + toIntervalDay(1)
GROUP BY source, part, edge, day, hour
ORDER BY source, part, edge, day, hour
