-- Usage of one organisation by day and one dimension: requester_class, ecosystem, client or tier.
SELECT day, toString({dimension:Identifier}) AS value, sum(org_usage_daily.requests) AS requests, sum(org_usage_daily.downloads) AS downloads, sum(org_usage_daily.bytes) AS bytes, sum(org_usage_daily.repeat_bytes) AS repeat_bytes
FROM org_usage_daily
WHERE org_id = {org:String} AND day >= {from:Date} AND day <= {to:Date}
GROUP BY day, value
ORDER BY day, value
