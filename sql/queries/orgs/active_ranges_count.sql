-- How many published ranges of some providers are active.
SELECT count() AS rows
FROM network_range FINAL
WHERE state = 0 AND provider IN {providers:Array(String)}
