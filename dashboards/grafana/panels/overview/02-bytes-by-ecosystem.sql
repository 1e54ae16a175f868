-- Bytes by ecosystem
-- timeseries bytes
SELECT $__timeInterval(hour) AS time, toString(ecosystem) AS ecosystem_name, sum(bytes) AS value
FROM usage_hourly
WHERE $__timeFilter(hour)
GROUP BY time, ecosystem_name
ORDER BY time, ecosystem_name
