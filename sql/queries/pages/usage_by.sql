-- Usage of each day by one dimension: requester_class, ecosystem or client. An empty ecosystem means all.
SELECT day, toString({dimension:Identifier}) AS value, sum(usage_known.requests) AS requests, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= {from:Date} AND day <= {to:Date} AND ({ecosystem:String} = '' OR ecosystem = {ecosystem:String})
GROUP BY day, value
ORDER BY day, value
