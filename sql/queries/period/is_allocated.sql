-- Whether a period was ever allocated: one run of it.
SELECT run_id
FROM allocation_run
WHERE period = {period:String}
LIMIT 1
