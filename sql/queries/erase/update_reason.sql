-- Writes the reason of a correction without the name. The old reason is named by its hash, because this statement is stored.
ALTER TABLE {table:Identifier}
UPDATE reason = {reason:String}
WHERE id = {id:String} AND lower(hex(SHA256(reason))) = {sha256:String}
SETTINGS mutations_sync = 2
