-- Empties the bytes of quarantined lines; position, length and reason stay.
ALTER TABLE quarantine
UPDATE line = ''
WHERE has({ids:Array(String)}, concat(toString(batch_id), '/', toString(row)))
SETTINGS mutations_sync = 2
