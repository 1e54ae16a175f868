-- Bookings whose rows in client_daily or status_daily differ from their seal.
SELECT seal.day AS day, seal.booked_day AS booked_day, tables.table AS table, seal.requests AS expected, sealed.requests AS found
FROM (SELECT day, booked_day, requests, downloads, partials, bytes FROM seal_current WHERE has_facets) AS seal
CROSS JOIN (SELECT arrayJoin(['client_daily', 'status_daily']) AS table) AS tables
LEFT JOIN
(
    SELECT 'client_daily' AS table, day, booked_day, sum(client_daily.requests) AS requests, sum(client_daily.downloads) AS downloads, sum(client_daily.partials) AS partials, sum(client_daily.bytes) AS bytes
    FROM client_daily
    WHERE {all_days:Bool} OR day IN {days:Array(Date)}
    GROUP BY day, booked_day
    UNION ALL
    SELECT 'status_daily' AS table, day, booked_day, sum(status_daily.requests), sum(status_daily.downloads), sum(status_daily.partials), sum(status_daily.bytes)
    FROM status_daily
    WHERE {all_days:Bool} OR day IN {days:Array(Date)}
    GROUP BY day, booked_day
) AS sealed ON sealed.day = seal.day AND sealed.booked_day = seal.booked_day AND sealed.table = tables.table
WHERE ({all_days:Bool} OR seal.day IN {days:Array(Date)})
    AND (sealed.requests, sealed.downloads, sealed.partials, sealed.bytes) != (seal.requests, seal.downloads, seal.partials, seal.bytes)
LIMIT 100
