-- Deletes the names of an organisation in statements of closed periods.
ALTER TABLE period_name
DELETE WHERE org_id = {org_id:String}
SETTINGS mutations_sync = 2
