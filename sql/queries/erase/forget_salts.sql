-- Deletes every salt of package_daily.
ALTER TABLE network_salt
DELETE WHERE true
SETTINGS mutations_sync = 2
