-- Bytes by class
-- timeseries bytes
SELECT toDateTime(day) AS time, toString(requester_class) AS class, sum(bytes) AS value
FROM org_usage_daily
WHERE $__dateFilter(day) AND $__conditionalAll(family_id IN (${family:singlequote}), $family)
GROUP BY time, class
ORDER BY time, class
