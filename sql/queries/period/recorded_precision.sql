-- The measured precision of evidence when a run was computed, by the organisation named.
SELECT tier, org_id, prefixes_right, prefixes_wrong
FROM interval_precision FINAL
WHERE run_id = {run_id:String}
ORDER BY tier, org_id
