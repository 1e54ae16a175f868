-- How many rows of a booking were built.
SELECT count() AS rows
FROM {table:Identifier}
WHERE day = {day:Date} AND booked_day = {booked_day:Date}
