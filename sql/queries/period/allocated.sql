-- Which of some periods have ever been allocated.
SELECT DISTINCT period
FROM allocation_run
WHERE period IN {periods:Array(String)}
ORDER BY period
