-- All usage of some days, by class of requester.
SELECT requester_class, sum(usage_known.requests) AS requests, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date}
GROUP BY requester_class
ORDER BY bytes DESC
