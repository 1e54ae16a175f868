-- Deletes an organisation's proofs of ranges that the registry no longer has.
ALTER TABLE {table:Identifier}
DELETE WHERE org_id = {org_id:String} AND evidence_id NOT IN (SELECT evidence_id FROM org_evidence FINAL WHERE state = 0)
SETTINGS mutations_sync = 2
