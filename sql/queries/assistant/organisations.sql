-- Organisations whose id or name contains a text.
SELECT org_id, name, family_id, exempt
FROM org_current
WHERE positionCaseInsensitiveUTF8(org_id, {text:String}) > 0 OR positionCaseInsensitiveUTF8(name, {text:String}) > 0
ORDER BY org_id
LIMIT 100
