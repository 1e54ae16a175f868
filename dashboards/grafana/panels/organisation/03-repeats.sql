-- Bytes that a cache would have saved, at most
-- timeseries bytes
SELECT toDateTime(day) AS time, sum(repeat_bytes) AS repeats
FROM org_usage_daily
WHERE $__dateFilter(day) AND $__conditionalAll(family_id IN (${family:singlequote}), $family)
GROUP BY time
ORDER BY time
