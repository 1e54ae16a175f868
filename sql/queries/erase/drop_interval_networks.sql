-- Deletes the inputs of intervals that were stored again under another network.
ALTER TABLE interval_input
DELETE WHERE prefix IN (SELECT network FROM erasure_network)
SETTINGS mutations_sync = 2
