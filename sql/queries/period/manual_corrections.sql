-- Correction lines that people decided for the statements of a period, without lines that were taken back.
SELECT id, of_period, of_run_id, family, toString(correction.cents) AS cents, reason
FROM correction FINAL
WHERE period = {period:String} AND correction.cents != 0
ORDER BY id
