-- Closed bookings of a day.
SELECT *
FROM seal_current
WHERE day = {day:Date} AND state = 'closed'
