-- The packages that cause the most bytes of one organisation.
SELECT ecosystem, package, sum(attributed_usage.requests) AS requests, sum(attributed_usage.downloads) AS downloads, sum(attributed_usage.bytes) AS bytes, sum(attributed_usage.repeat_bytes) AS repeat_bytes
FROM attributed_usage
WHERE org_id = {org:String} AND day >= {from:Date} AND day <= {to:Date} AND package != ''
GROUP BY ecosystem, package
ORDER BY bytes DESC, ecosystem, package
LIMIT 15
