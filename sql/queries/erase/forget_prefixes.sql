-- Empties the registry prefix of evidence sets. Recorded verdicts of them stay.
ALTER TABLE evidence_set
UPDATE prefix = NULL
WHERE has({keys:Array(String)}, toString(id))
SETTINGS mutations_sync = 2
