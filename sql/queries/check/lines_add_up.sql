-- Batches whose lines are not requests + excluded + quarantined.
SELECT source, partition, first
FROM ledger_current
WHERE state = 'loaded'
    AND (lines != requests + excluded + quarantined OR requests != arraySum(day_requests) OR quarantined != quarantine_rows)
LIMIT 100
