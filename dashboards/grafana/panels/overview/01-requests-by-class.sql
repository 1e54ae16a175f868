-- Requests by class
-- timeseries short
SELECT $__timeInterval(hour) AS time, toString(requester_class) AS class, sum(requests) AS value
FROM usage_hourly
WHERE $__timeFilter(hour)
GROUP BY time, class
ORDER BY time, class
