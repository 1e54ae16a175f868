-- What the last run of one month allocates to each family, the largest first. Amounts in cents of the currency that its costs name; result
-- is the run's totals as JSON.
SELECT run.status AS status, run.until AS until, run.result AS result, run.currency AS currency, family, line.billed_cents AS billed_cents, line.rule AS rule
FROM
(
    SELECT argMax(run_id, computed_at) AS run_id, argMax(allocation_run.status, computed_at) AS status, argMax(allocation_run.until, computed_at) AS until,
        argMax(allocation_run.result, computed_at) AS result,
        argMax(splitByChar(',', splitByChar('\n', costs)[2])[indexOf(splitByChar(',', splitByChar('\n', costs)[1]), 'currency')], computed_at) AS currency
    FROM allocation_run
    WHERE period = {period:String}
) AS run
INNER JOIN allocation_line AS line ON line.run_id = run.run_id
ORDER BY billed_cents DESC, family
