-- What each family was billed in all closed periods: shares, true-ups and corrections, by currency, in cents; and whether it is exempt
-- now.
WITH
    -- the runs that closed periods
    closed AS (SELECT run_id FROM period_close FINAL),
    -- true-ups are in the totals of a run
    totals AS
    (
        SELECT run_id, JSONExtractString(any(result), 'currency') AS currency, JSONExtractArrayRaw(any(result), 'true_ups') AS true_ups
        FROM allocation_run
        WHERE run_id IN (closed)
        GROUP BY run_id
    ),
    -- each amount with its run
    amounts AS
    (
        SELECT run_id, family, billed_cents AS cents FROM allocation_line FINAL WHERE run_id IN (closed)
        UNION ALL
        SELECT run_id, JSONExtractString(true_up, 'family') AS family, toInt64(JSONExtractString(true_up, 'cents')) AS cents FROM totals ARRAY JOIN true_ups AS true_up
        UNION ALL
        SELECT run_id, family, toInt64(correction.cents) AS cents FROM allocation_correction AS correction FINAL WHERE run_id IN (closed)
    )
SELECT amounts.family AS family, totals.currency AS currency, toString(sum(amounts.cents)) AS billed_cents
FROM amounts
INNER JOIN totals ON totals.run_id = amounts.run_id
GROUP BY family, currency
ORDER BY family, currency
