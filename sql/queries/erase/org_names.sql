-- Empties the name and contact of an organisation in every version.
ALTER TABLE org
UPDATE name = '', contact = ''
WHERE org_id = {org_id:String}
SETTINGS mutations_sync = 2
