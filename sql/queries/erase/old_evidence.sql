-- Deletes the versions of an organisation's evidence that the registry no longer has.
ALTER TABLE org_evidence
DELETE WHERE org_id = {org_id:String}
    AND (evidence_id, recorded_at) NOT IN (SELECT evidence_id, recorded_at FROM org_evidence FINAL WHERE state = 0)
SETTINGS mutations_sync = 2
