-- What AI agents and crawlers fetch (one of them, if it is named): packages with most bytes, and requests that name none.
SELECT ecosystem, package, artifact, sum(usage_known.requests) AS requests, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date} AND startsWith(requester_class, 'ai_') AND ({agent:String} = '' OR client = {agent:String})
GROUP BY ecosystem, package, artifact
ORDER BY bytes DESC, requests DESC, ecosystem, package, artifact
LIMIT 20
