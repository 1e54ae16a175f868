-- Every recorded allocation, the oldest period first.
SELECT run_id
FROM allocation_run
ORDER BY period, computed_at
