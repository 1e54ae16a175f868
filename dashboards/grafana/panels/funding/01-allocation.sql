-- Lines of the latest allocation that was computed before the end of the time range
-- table short
SELECT allocation_run.period AS period, family, rule, billed_cents / 100 AS billed, net AS net_units
FROM allocation_line
INNER JOIN allocation_run ON allocation_run.run_id = allocation_line.run_id
WHERE run_id = (SELECT argMax(run_id, computed_at) FROM allocation_run WHERE period <= formatDateTime($__toTime, '%Y-%m'))
ORDER BY billed DESC, family
