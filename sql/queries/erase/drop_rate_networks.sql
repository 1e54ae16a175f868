-- Deletes the rates that were stored again under another network.
ALTER TABLE rate_batch
DELETE WHERE network IN (SELECT network FROM erasure_network)
SETTINGS mutations_sync = 2
