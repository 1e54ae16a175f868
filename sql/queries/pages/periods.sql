-- The months that are allocated, the newest first.
SELECT period, argMax(allocation_run.status, computed_at) AS status
FROM allocation_run
GROUP BY period
ORDER BY period DESC
