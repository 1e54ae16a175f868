-- Usage that an organisation answers for (empty reason), and why nobody answers for the rest.
SELECT unattributed, platform, sum(attributed_usage.requests) AS requests, sum(attributed_usage.bytes) AS bytes
FROM attributed_usage
WHERE day >= {from:Date} AND day <= {to:Date}
GROUP BY unattributed, platform
ORDER BY bytes DESC, unattributed, platform
LIMIT 20
