-- Usage of organisations by the columns that their charges depend on.
SELECT
    usage.org_id AS org_id,
    usage.requester_class AS requester_class,
    usage.tier AS tier,
    usage.kind AS kind,
    sum(usage.requests) AS requests,
    sum(usage.bytes) AS bytes
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE has({orgs:Array(String)}, usage.org_id)
GROUP BY org_id, requester_class, tier, kind
ORDER BY org_id, requester_class, tier, kind
