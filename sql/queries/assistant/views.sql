-- The analysts' views, each with what it is for.
SELECT name, comment
FROM system.tables
WHERE database = 'analyst'
ORDER BY name
