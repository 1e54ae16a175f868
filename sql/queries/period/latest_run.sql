-- The latest recorded run of a period, and the run that it replaced.
SELECT run_id, supersedes
FROM allocation_run
WHERE period = {period:String}
ORDER BY computed_at DESC
LIMIT 1
