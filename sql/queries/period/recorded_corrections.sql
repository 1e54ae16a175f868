-- All correction lines that people decided, including lines that were taken back (0 cents).
SELECT id, period, of_period, family, toString(correction.cents) AS cents, currency, reason, of_run_id
FROM correction FINAL
ORDER BY period, id
