-- The columns of all views that a reader sees.
SELECT table, name, type, comment
FROM system.columns
WHERE database = 'analyst'
ORDER BY table, position
