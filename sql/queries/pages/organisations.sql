-- Organisations with usage, the largest first; those whose id or name contains a text, if one is given.
SELECT org_id, name, family_id, sum(org_usage_daily.requests) AS requests, sum(org_usage_daily.bytes) AS bytes, sum(org_usage_daily.repeat_bytes) AS repeat_bytes
FROM org_usage_daily
WHERE day >= {from:Date} AND day <= {to:Date} AND (positionCaseInsensitiveUTF8(org_id, {text:String}) > 0 OR positionCaseInsensitiveUTF8(name, {text:String}) > 0)
GROUP BY org_id, name, family_id
ORDER BY bytes DESC, org_id
LIMIT 50
