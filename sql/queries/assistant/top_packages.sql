-- The packages with most downloads in some days; an empty ecosystem means all.
SELECT ecosystem, package, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date} AND package != '' AND ({ecosystem:String} = '' OR ecosystem = {ecosystem:String})
GROUP BY ecosystem, package
ORDER BY downloads DESC, ecosystem, package
LIMIT {limit:UInt16}
