-- Days of a period with requests: whether each is sealed, and whether rows of its bookings are gone from a table that retention empties
-- (request_rate or network_daily).
SELECT day, max(found.is_sealed) AS is_sealed, max(found.is_gone) AS is_gone
FROM
(
    SELECT day, 1 AS is_sealed, requests != 0 AND (day, booked_day) NOT IN (SELECT DISTINCT day, booked_day FROM {table:Identifier} WHERE day >= {from:Date} AND day <= {to:Date}) AS is_gone
    FROM seal_current
    WHERE day >= {from:Date} AND day <= {to:Date} AND booked_day <= {to:Date}
    UNION ALL
    SELECT arrayJoin(days) AS day, 0 AS is_sealed, 0 AS is_gone
    FROM ledger_current
    WHERE state = 'loaded'
) AS found
WHERE day >= {from:Date} AND day <= {to:Date}
GROUP BY day
ORDER BY day
