-- The engine's own tables.
SELECT name
FROM system.tables
WHERE database = 'system'
