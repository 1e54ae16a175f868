-- As seal/staged_usage_sums.sql, for request_rate, which counts no downloads.
SELECT sum(bookings.requests) AS requests, sum(bookings.bytes) AS bytes
FROM
(
    SELECT requests, bytes
    FROM request_rate_staging
    WHERE day = {day:Date} AND booked_day = {booked_day:Date}
    UNION ALL
    SELECT requests, bytes
    FROM request_rate
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
) AS bookings
