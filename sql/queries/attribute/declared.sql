-- Adds the verdicts of evidence sets for networks that were declared later (attribute/moves.sql).
INSERT INTO evidence_verdict (attribution_version, evidence_set, valid_from, valid_to, org_id, tier, evidence_id, unattributed, platform)
SELECT DISTINCT attribution_version, evidence_set, toDate('2000-01-01'), toDate('2149-06-06'), org_id, tier, evidence_id, '', ''
FROM usage_move FINAL
WHERE attribution_version = {attribution_version:String} AND org_id != ''
