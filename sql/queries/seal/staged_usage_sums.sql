-- What a day would hold with the booking that was built: the day's other bookings are added where the booking is what they lack.
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
