-- Number of active published ranges of some providers.
SELECT count() AS rows
FROM network_range FINAL
WHERE state = 0 AND provider IN {providers:Array(String)}
