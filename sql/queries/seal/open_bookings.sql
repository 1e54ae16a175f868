-- Bookings up to and including a day that may still change, without those of some days.
SELECT *
FROM seal_current
WHERE state = 'open' AND booked_day <= {day:Date} AND NOT has({except:Array(Date)}, day)
