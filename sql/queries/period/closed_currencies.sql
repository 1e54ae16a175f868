-- Closed periods, each with the run that closed it and its currency.
SELECT
    close.period AS period,
    close.run_id AS run_id,
    any(JSONExtractString(run.result, 'currency')) AS currency
FROM (SELECT period, run_id FROM period_close FINAL) AS close
LEFT JOIN allocation_run AS run ON run.run_id = close.run_id
GROUP BY period, run_id
