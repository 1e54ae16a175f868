-- Closed runs of periods between a closed period and this one that have already settled its late usage, in order.
SELECT run_id
FROM period_close FINAL
WHERE period > {of_period:String} AND period < {period:String}
    AND run_id IN (SELECT run_id FROM allocation_run WHERE has(late_periods, {of_period:String}))
ORDER BY period
