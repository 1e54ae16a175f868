-- Every recorded allocation, the oldest period first, or only those that closed a period.
SELECT run_id
FROM allocation_run
WHERE NOT {closed:Bool} OR run_id IN (SELECT run_id FROM period_close FINAL)
GROUP BY run_id
ORDER BY min(period), min(computed_at)
