-- The last seal of each booking of a day.
SELECT *
FROM seal_current
WHERE day = {day:Date}
ORDER BY booked_day
