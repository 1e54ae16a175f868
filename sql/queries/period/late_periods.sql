-- Earlier periods with usage that was booked in this one, up to a day: lines that were loaded late, or taken back, after their
-- days were closed. Correction lines set a closed period right; an open period still waits for its closing.
SELECT
    formatDateTime(late.day, '%Y-%m') AS of_period,
    ifNull(close.run_id, '') AS run_id,
    count() AS rows,
    sum(late.requests) AS requests,
    sum(late.downloads) AS downloads,
    sum(late.bytes) AS bytes
FROM usage_known AS late
LEFT JOIN (SELECT period, run_id FROM period_close FINAL) AS close ON close.period = formatDateTime(late.day, '%Y-%m')
WHERE late.booked_day >= toDate({period:String} || '-01') AND late.booked_day <= {until:Date} AND late.day < toDate({period:String} || '-01')
GROUP BY of_period, run_id
ORDER BY of_period
