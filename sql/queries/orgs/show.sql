-- Organisations as known now, one or all, with their family and their evidence: whether it applies on a day.
SELECT
    org_current.org_id AS org_id,
    name,
    family_id,
    exempt,
    arraySort(groupArrayIf((tier, kind, value, toString(valid_from), toString(valid_to), evidence_id, multiIf(valid_to < {on:Date}, 'ended', valid_from > {on:Date}, 'not yet', 'live')), evidence.org_id != '')) AS evidence
FROM org_current
LEFT JOIN (SELECT * FROM org_evidence FINAL WHERE state = 0) AS evidence ON evidence.org_id = org_current.org_id
WHERE {id:String} IN ('', org_current.org_id)
GROUP BY org_id, name, family_id, exempt
ORDER BY org_id
