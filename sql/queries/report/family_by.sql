-- Usage of a family (of each if none is named) by one dimension: requester_class, ecosystem, client, tier, org_id or
-- booked_day. The largest by bytes.
SELECT
    usage.party AS family,
    ifNull(toString({dimension:Identifier}), '') AS value,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials,
    sumIf(usage.requests, usage.kind = 'billable') AS billable_requests,
    sumIf(usage.bytes, usage.kind = 'billable') AS billable_bytes
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE usage.kind != 'unattributed' AND ({family:String} = '' OR usage.party = {family:String})
GROUP BY family, value
ORDER BY family, bytes DESC, requests DESC, value
LIMIT {top:UInt32} BY family
