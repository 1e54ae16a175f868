-- Lines that were loaded, by source
-- timeseries short
SELECT $__timeInterval(recorded_at) AS time, toString(source) AS source_name, sum(lines) AS value
FROM ledger_current
WHERE $__timeFilter(recorded_at)
GROUP BY time, source_name
ORDER BY time, source_name
