-- Requests and bytes by source, of the lines of some days, and how many of these requests have no size in the log. The ledger counts
-- requests without a size by batch: they are shared out to its days in proportion to their requests.
SELECT
    source,
    sum(entry.2) AS requests,
    sum(entry.3) AS bytes,
    toUInt64(round(sum(entry.2 * bytes_unknown / batch_requests))) AS requests_without_size
FROM
(
    SELECT source, bytes_unknown, requests AS batch_requests, arrayJoin(arrayZip(days, day_requests, day_bytes)) AS entry
    FROM ledger_current
    WHERE state = 'loaded' AND batch_requests > 0
)
WHERE entry.1 >= {from:Date} AND entry.1 <= {to:Date}
GROUP BY source
ORDER BY source
