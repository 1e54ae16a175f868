-- Batches whose lines are not requests + excluded + quarantined, or whose requests by day or by hour are not all of them.
SELECT source, partition, first
FROM ledger_current
WHERE state = 'loaded'
    AND (
        lines != requests + excluded + quarantined
        OR requests != arraySum(day_requests)
        OR (notEmpty(hours) AND requests != arraySum(hour_requests))
        OR quarantined != quarantine_rows
    )
LIMIT 100
