-- Sums of an export of usage: checked before and after its files are written.
SELECT
    count() AS rows,
    sum(exported.requests) AS requests,
    sum(exported.bytes) AS bytes
FROM
(
    SELECT
        sum(usage.requests) AS requests,
        sum(usage.bytes) AS bytes
    FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
    WHERE has({orgs:Array(String)}, usage.org_id)
    GROUP BY usage.day, usage.booked_day, usage.org_id, usage.ecosystem, usage.package, usage.version, usage.artifact, usage.requester_class, usage.client, usage.ci, usage.team, usage.tier
) AS exported
