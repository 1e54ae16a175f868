-- Bookings of a sealed table that have a listed network.
SELECT DISTINCT day, booked_day
FROM {table:Identifier}
WHERE network IN (SELECT network FROM erasure_network)
ORDER BY day, booked_day
