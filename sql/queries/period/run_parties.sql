-- Usage as a run took it, in the order in which the run hashed it.
SELECT party, kind, requester_class, tier, requests, downloads, bytes
FROM allocation_input FINAL
WHERE run_id = {run_id:String}
ORDER BY kind, party, requester_class, tier
