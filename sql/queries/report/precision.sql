-- How often evidence of E4–E6 named the organisation of the hidden token, in prefixes with token traffic.
SELECT tier, sum(interval_precision.prefixes_right) AS prefixes_right, sum(interval_precision.prefixes_wrong) AS prefixes_wrong
FROM interval_precision
WHERE run_id = {run_id:String}
GROUP BY tier
ORDER BY tier
SETTINGS final = 1
