-- All requests of a month, and those of the classes that declare nothing.
SELECT
    sum(usage_known.requests) AS requests,
    sumIf(usage_known.requests, requester_class = 'unknown') AS unknown,
    sumIf(usage_known.requests, requester_class = 'hosted') AS hosted
FROM usage_known
WHERE day >= {first_day:Date} AND day <= {last_day:Date}
