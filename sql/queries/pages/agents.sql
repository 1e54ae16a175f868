-- AI agents and crawlers by day, each under its own name.
SELECT day, client AS value, requester_class, identity, sum(usage_known.requests) AS requests, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date} AND startsWith(requester_class, 'ai_')
GROUP BY day, value, requester_class, identity
ORDER BY day, value, requester_class, identity
