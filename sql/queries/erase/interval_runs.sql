-- Recorded allocations whose intervals were drawn from a listed network.
SELECT DISTINCT run_id
FROM interval_input
WHERE prefix IN (SELECT network FROM erasure_network)
ORDER BY run_id
