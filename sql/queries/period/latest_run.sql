-- The latest recorded run of a period.
SELECT run_id
FROM allocation_run
WHERE period = {period:String}
ORDER BY computed_at DESC
LIMIT 1
