-- Deletes pieces of evidence in every version.
ALTER TABLE org_evidence
DELETE WHERE has({keys:Array(String)}, evidence_id)
SETTINGS mutations_sync = 2
