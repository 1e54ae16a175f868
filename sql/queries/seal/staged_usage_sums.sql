-- Sums of a day with the staged booking. If the day's other bookings were subtracted from it, they are added again.
SELECT sum(bookings.requests) AS requests, sum(bookings.downloads + bookings.partials) AS transfers, sum(bookings.bytes) AS bytes
FROM
(
    SELECT requests, downloads, partials, bytes
    FROM {staging:Identifier}
    WHERE day = {day:Date} AND booked_day = {booked_day:Date}
    UNION ALL
    SELECT requests, downloads, partials, bytes
    FROM {table:Identifier}
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
) AS bookings
