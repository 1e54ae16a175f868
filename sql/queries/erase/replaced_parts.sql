-- Parts that no longer count and whose files are still stored.
SELECT table, count() AS parts
FROM system.parts
WHERE database = currentDatabase() AND NOT active AND has({tables:Array(String)}, table)
GROUP BY table
ORDER BY table
