-- Empties who said so, in every version of an organisation's evidence.
ALTER TABLE org_evidence
UPDATE source = ''
WHERE org_id = {org_id:String}
SETTINGS mutations_sync = 2
