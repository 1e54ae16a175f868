-- What the last run of each month allocates to the family of one organisation, with the interval of its usage. Amounts in cents of the
-- currency that the month's costs name.
SELECT run.period AS period, run.status AS status, run.currency AS currency, family, line.billed_cents AS billed_cents, line.rule AS rule,
    reach.bytes_attributed AS bytes_attributed, reach.bytes_low AS bytes_low, reach.bytes_high AS bytes_high
FROM
(
    SELECT period, argMax(run_id, computed_at) AS run_id, argMax(allocation_run.status, computed_at) AS status,
        argMax(splitByChar(',', splitByChar('\n', costs)[2])[indexOf(splitByChar(',', splitByChar('\n', costs)[1]), 'currency')], computed_at) AS currency
    FROM allocation_run
    GROUP BY period
) AS run
INNER JOIN allocation_line AS line ON line.run_id = run.run_id
LEFT JOIN
(
    SELECT run_id, family_id, bytes_attributed, bytes_low, bytes_high
    FROM usage_interval
    WHERE org_id = '' AND tier = '' AND requester_class = ''
) AS reach ON reach.run_id = run.run_id AND reach.family_id = line.family
WHERE family IN (SELECT family_id FROM org_current WHERE org_id = {org:String})
ORDER BY period DESC
