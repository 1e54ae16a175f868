-- Attributed usage that the intervals of a run were drawn from.
SELECT family_id, org_id, tier, prefix, requester_class, requests, bytes
FROM interval_input FINAL
WHERE run_id = {run_id:String}
