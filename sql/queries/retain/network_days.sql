-- Days whose facts about single networks have expired. Their landing must be dropped already, or be dropped now.
SELECT day, sum(n) AS rows
FROM
(
    SELECT day, count() AS n
    FROM network_daily
    GROUP BY day
    UNION ALL
    SELECT day, count() AS n
    FROM request_rate
    GROUP BY day
)
WHERE day < {last_day:Date} - {kept_days:UInt32}
    AND (has({dropped:Array(Date)}, day) OR day IN (SELECT day FROM seal_current GROUP BY day HAVING min(state = 'dropped')))
GROUP BY day
ORDER BY day
