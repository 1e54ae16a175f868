-- Days whose hourly rows have expired. Their landing must be dropped already, or be dropped now.
SELECT day, count() AS rows
FROM usage_hourly
WHERE day < {last_day:Date} - {kept_days:UInt32}
    AND (has({dropped:Array(Date)}, day) OR day IN (SELECT day FROM seal_current GROUP BY day HAVING min(state = 'dropped')))
GROUP BY day
ORDER BY day
