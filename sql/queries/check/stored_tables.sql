-- Tables that store rows, with their bytes on disk.
SELECT name, ifNull(total_bytes, 0) AS bytes
FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
ORDER BY name
