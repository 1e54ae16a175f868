-- Bookings of a day that are closed.
SELECT *
FROM seal_current
WHERE day = {day:Date} AND state = 'closed'
