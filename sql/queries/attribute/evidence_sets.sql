-- How many evidence sets there are.
SELECT count() AS sets
FROM evidence_set FINAL
