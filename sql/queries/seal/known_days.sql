-- Days in landing or in a seal, in order.
SELECT DISTINCT day
FROM
(
    SELECT arrayJoin(days) AS day
    FROM ledger_current
    WHERE state = 'loaded'
    UNION ALL
    SELECT day
    FROM seal_current
)
ORDER BY day
