-- Usage of organisations by day, package family and team, and by the columns that their charges depend on.
SELECT
    toString(usage.day) AS day,
    usage.org_id AS org_id,
    toString(usage.ecosystem) AS ecosystem,
    toString(usage.requester_class) AS requester_class,
    toString(usage.tier) AS tier,
    toString(usage.kind) AS kind,
    usage.team AS team,
    sum(usage.requests) AS requests,
    sum(usage.bytes) AS bytes
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE has({orgs:Array(String)}, usage.org_id)
GROUP BY day, org_id, ecosystem, requester_class, tier, kind, team
HAVING requests != 0 OR bytes != 0
ORDER BY day, org_id, ecosystem, requester_class, tier, kind, team
