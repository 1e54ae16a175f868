-- Days that never change any more, and months that are closed.
SELECT toString(day) AS fixed
FROM seal_current
WHERE day = booked_day AND state != 'open' AND day >= {from:Date}
UNION ALL
SELECT period AS fixed
FROM period_close FINAL
