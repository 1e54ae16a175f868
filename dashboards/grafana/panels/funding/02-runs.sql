-- Allocations, newest first
-- table short
SELECT period, until, status, computed_at, policy_version, attribution_version, run_id
FROM allocation_run
WHERE period >= formatDateTime($__fromTime, '%Y-%m') AND period <= formatDateTime($__toTime, '%Y-%m')
ORDER BY computed_at DESC, run_id
LIMIT 50
