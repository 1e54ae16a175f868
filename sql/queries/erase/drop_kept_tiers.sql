-- Deletes the kept service levels of the listed networks.
ALTER TABLE period_tier
DELETE WHERE kind = 'network' AND id IN (SELECT network FROM erasure_network)
SETTINGS mutations_sync = 2
