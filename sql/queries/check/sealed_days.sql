-- Bookings whose rows in usage_daily differ from their seal.
SELECT seal.day AS day, seal.booked_day AS booked_day, seal.requests AS expected, sealed.requests AS found
FROM seal_current AS seal
LEFT JOIN
(
    SELECT day, booked_day, sum(usage_daily.requests) AS requests, sum(usage_daily.bytes) AS bytes, count() AS rows
    FROM usage_daily
    WHERE {all_days:Bool} OR day IN {days:Array(Date)}
    GROUP BY day, booked_day
) AS sealed ON sealed.day = seal.day AND sealed.booked_day = seal.booked_day
WHERE ({all_days:Bool} OR seal.day IN {days:Array(Date)})
    AND (sealed.requests != seal.requests OR sealed.bytes != seal.bytes OR sealed.rows != seal.usage_rows)
LIMIT 100
