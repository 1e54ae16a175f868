-- Organisations as known now, with their families: what a policy may name.
SELECT org_id, family_id, exempt
FROM org_current
ORDER BY org_id
