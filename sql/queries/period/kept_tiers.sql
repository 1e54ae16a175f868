-- The service levels that a closed period keeps.
SELECT policy_version, days, until, state, kind, id, level, level_no, decided_by, toString(tier.peak_requests) AS peak_requests, toString(tier.requests) AS requests, toString(tier.parties) AS parties
FROM period_tier AS tier FINAL
WHERE period = {period:String} AND run_id = {run_id:String}
ORDER BY kind DESC, id
