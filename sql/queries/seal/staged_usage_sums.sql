-- Sums of a day with the staged booking. If the day's other bookings were subtracted from it, they are added again.
SELECT sum(bookings.requests) AS requests, sum(bookings.downloads) AS downloads, sum(bookings.bytes) AS bytes
FROM
(
    SELECT requests, downloads, bytes
    FROM {staging:Identifier}
    WHERE day = {day:Date} AND booked_day = {booked_day:Date}
    UNION ALL
    SELECT requests, downloads, bytes
    FROM {table:Identifier}
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
) AS bookings
