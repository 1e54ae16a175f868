-- How often evidence of E4–E6 named the organisation of the token, in prefixes with token traffic, the token hidden.
SELECT tier, prefixes_right, prefixes_wrong
FROM interval_precision FINAL
WHERE run_id = {run_id:String}
ORDER BY tier
