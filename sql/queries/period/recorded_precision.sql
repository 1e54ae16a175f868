-- How precise evidence was when a run was computed, by the organisation it names.
SELECT tier, org_id, prefixes_right, prefixes_wrong
FROM interval_precision FINAL
WHERE run_id = {run_id:String}
ORDER BY tier, org_id
