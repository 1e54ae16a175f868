-- Parts that the engine has put aside: their rows count nowhere.
SELECT table, name, reason, path
FROM system.detached_parts
WHERE database = currentDatabase()
ORDER BY table, name
