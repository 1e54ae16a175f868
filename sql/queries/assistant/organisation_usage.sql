-- Usage of one organisation in some days, by class and the tier of the evidence that names it.
SELECT org_id, requester_class, tier, sum(org_usage_daily.requests) AS requests, sum(org_usage_daily.downloads) AS downloads,
    sum(org_usage_daily.bytes) AS bytes, sum(org_usage_daily.repeat_bytes) AS repeat_bytes
FROM org_usage_daily
WHERE org_id = {org_id:String} AND day >= {from:Date} AND day <= {to:Date}
GROUP BY org_id, requester_class, tier
ORDER BY bytes DESC
