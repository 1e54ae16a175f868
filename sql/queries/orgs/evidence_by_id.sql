-- One piece of active evidence.
SELECT org_id, kind, value
FROM org_evidence FINAL
WHERE state = 0 AND evidence_id = {id:String}
