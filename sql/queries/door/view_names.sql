-- Views that this user sees.
SELECT DISTINCT name
FROM system.tables
WHERE engine = 'View' AND database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')
