-- Bookings of some days that a sealed table holds.
SELECT DISTINCT day, booked_day
FROM {table:Identifier}
WHERE has({days:Array(Date)}, day)
ORDER BY day, booked_day
