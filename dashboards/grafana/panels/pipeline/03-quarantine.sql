-- Share of lines that could not be read
-- timeseries percentunit
SELECT $__timeInterval(recorded_at) AS time, toString(source) AS source_name, sum(quarantined) / greatest(sum(lines), 1) AS value
FROM ledger_current
WHERE $__timeFilter(recorded_at)
GROUP BY time, source_name
ORDER BY time, source_name
