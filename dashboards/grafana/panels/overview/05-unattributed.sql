-- Unattributed bytes, by kind
-- timeseries bytes
SELECT toDateTime(day) AS time, toString(unattributed) AS kind, sum(bytes) AS value
FROM unattributed_usage_daily
WHERE $__dateFilter(day)
GROUP BY time, kind
ORDER BY time, kind
