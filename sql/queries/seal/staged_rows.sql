-- Number of staged rows of a booking.
SELECT count() AS rows
FROM {table:Identifier}
WHERE day = {day:Date} AND booked_day = {booked_day:Date}
