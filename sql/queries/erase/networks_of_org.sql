-- Every range that evidence ever named for an organisation.
SELECT DISTINCT value AS network
FROM org_evidence
WHERE org_id = {org_id:String} AND kind = 'cidr'
ORDER BY network
