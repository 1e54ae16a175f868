-- The results in the row of a run.
SELECT policy_version, result, recoverable_num, recoverable_den, tier_sum
FROM allocation_run
WHERE run_id = {run_id:String}
ORDER BY computed_at DESC
LIMIT 1
