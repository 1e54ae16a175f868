-- Deletes proofs of ranges.
ALTER TABLE {table:Identifier}
DELETE WHERE has({keys:Array(String)}, nonce_id)
SETTINGS mutations_sync = 2
