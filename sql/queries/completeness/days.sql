-- Requests by source and day, in some days; of a topic by its partitions.
SELECT source, part, entry.1 AS day, sum(entry.2) AS requests
FROM
(
    SELECT source, if(object = '', partition, '') AS part, arrayJoin(arrayZip(days, day_requests)) AS entry
    FROM ledger_current
    WHERE state = 'loaded'
)
WHERE entry.1 >= {from:Date} AND entry.1 <= {to:Date}
GROUP BY source, part, day
ORDER BY source, part, day
