-- The family that answers for evidence sets, by spans of days, as of the latest attribution.
SELECT toString(evidence_set) AS evidence_set, toString(valid_from) AS valid_from, toString(valid_to) AS valid_to, family_id
FROM answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = [])
WHERE evidence_set IN (SELECT toUInt64(arrayJoin({sets:Array(String)}))) AND org_id != ''
ORDER BY evidence_set, valid_from
