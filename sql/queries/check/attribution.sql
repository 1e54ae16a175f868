-- A row if attributed and unattributed usage do not add up to all usage.
SELECT total.requests AS expected, attributed.requests AS found
FROM
(
    SELECT sum(requests) AS requests, sum(bytes) AS bytes
    FROM usage_known
    WHERE {all_days:Bool} OR day IN {days:Array(Date)}
) AS total
CROSS JOIN
(
    SELECT sum(requests) AS requests, sum(bytes) AS bytes
    FROM attributed_usage
    WHERE {all_days:Bool} OR day IN {days:Array(Date)}
) AS attributed
WHERE total.requests != attributed.requests OR total.bytes != attributed.bytes
LIMIT 100
