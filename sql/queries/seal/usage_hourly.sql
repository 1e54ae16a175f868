-- One day of usage_hourly, from the rows of seal/hours.sql; bookings as in seal/usage_daily.sql.
INSERT INTO usage_hourly_staging
WITH bookings AS
(
    SELECT hour, ecosystem, requester_class, client, country, requests, downloads, bytes, partials
    FROM {hours:Identifier}
    UNION ALL
    SELECT hour, ecosystem, requester_class, client, country, -requests, -downloads, -bytes, -partials
    FROM usage_hourly
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
)
SELECT
    {day:Date},
    {booked_day:Date},
    hour, ecosystem, requester_class, client, country,
    sum(bookings.requests) AS requests,
    sum(bookings.downloads) AS downloads,
    sum(bookings.bytes) AS bytes,
    sum(bookings.partials) AS partials
FROM bookings
GROUP BY hour, ecosystem, requester_class, client, country
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR partials != 0
