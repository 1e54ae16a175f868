-- Exports that were made for some organisations.
SELECT DISTINCT organisation, period
FROM export_run
WHERE has({orgs:Array(String)}, organisation)
ORDER BY organisation, period
