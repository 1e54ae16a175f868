-- The packages with most bytes, without metadata that no package is named in. An empty ecosystem means all.
SELECT ecosystem, package, sum(usage_known.requests) AS requests, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date} AND package != '' AND ({ecosystem:String} = '' OR ecosystem = {ecosystem:String})
GROUP BY ecosystem, package
ORDER BY bytes DESC, ecosystem, package
LIMIT 20
