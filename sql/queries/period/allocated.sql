-- Those of the given periods that were ever allocated.
SELECT DISTINCT period
FROM allocation_run
WHERE period IN {periods:Array(String)}
ORDER BY period
