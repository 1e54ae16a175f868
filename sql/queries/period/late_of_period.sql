-- Usage of a period that was booked after its end: lines that were loaded late, or taken back, after their days were closed.
SELECT formatDateTime(booked_day, '%Y-%m') AS booked_in, sum(usage_known.requests) AS requests, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE day >= toDate({period:String} || '-01') AND day < addMonths(toDate({period:String} || '-01'), 1)
    AND booked_day >= addMonths(toDate({period:String} || '-01'), 1)
GROUP BY booked_in
HAVING requests != 0 OR bytes != 0
ORDER BY booked_in
