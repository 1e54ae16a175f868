-- Replaces the listed networks in landing's usage.
ALTER TABLE usage_batch
UPDATE network = transform(network, (SELECT groupArray(network) FROM (SELECT * FROM erasure_network FINAL ORDER BY network)), (SELECT groupArray(pseudonym) FROM (SELECT * FROM erasure_network FINAL ORDER BY network)), network)
WHERE network IN (SELECT network FROM erasure_network)
SETTINGS mutations_sync = 2
