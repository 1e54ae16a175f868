-- Bookings of some days in a sealed table.
SELECT DISTINCT day, booked_day
FROM {table:Identifier}
WHERE has({days:Array(Date)}, day)
ORDER BY day, booked_day
