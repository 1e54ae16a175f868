-- Rows that hold personal data of an organisation, by table.
SELECT 'org' AS table, count() AS rows
FROM org
WHERE org_id = {org_id:String} AND concat(name, contact, billing_name, billing_address, billing_tax_id, billing_purchase_order, billing_reference) != ''
UNION ALL
SELECT 'period_name' AS table, count() AS rows
FROM period_name
WHERE org_id = {org_id:String}
UNION ALL
SELECT 'org_evidence' AS table, count() AS rows
FROM org_evidence
WHERE org_id = {org_id:String}
    AND (source != '' OR (evidence_id, recorded_at) NOT IN (SELECT evidence_id, recorded_at FROM org_evidence FINAL WHERE state = 0))
UNION ALL
SELECT 'proof_nonce' AS table, count() AS rows
FROM proof_nonce
WHERE org_id = {org_id:String} AND evidence_id NOT IN (SELECT evidence_id FROM org_evidence FINAL WHERE state = 0)
UNION ALL
SELECT 'proof_seen' AS table, count() AS rows
FROM proof_seen
WHERE org_id = {org_id:String} AND evidence_id NOT IN (SELECT evidence_id FROM org_evidence FINAL WHERE state = 0)
