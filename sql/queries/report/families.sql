-- Usage of the families (of one, or of all if none is named), and the part of it that may be billed.
SELECT
    usage.party AS family,
    min(usage.kind = 'exempt') AS exempt,
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
GROUP BY family
ORDER BY bytes DESC, requests DESC, family
