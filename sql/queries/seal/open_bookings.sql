-- Bookings up to and including a day that may still change.
SELECT *
FROM seal_current
WHERE state = 'open' AND booked_day <= {day:Date}
