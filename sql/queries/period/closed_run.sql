-- The run that closed a period; no row while the period is open.
SELECT run_id
FROM period_close FINAL
WHERE period = {period:String}
