-- The packages that cause the most bytes of a family (of each if none is named).
SELECT
    usage.party AS family,
    usage.ecosystem AS ecosystem,
    usage.package AS package,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE usage.kind != 'unattributed' AND ({family:String} = '' OR usage.party = {family:String}) AND usage.package != ''
GROUP BY family, ecosystem, package
ORDER BY family, bytes DESC, requests DESC, ecosystem, package
LIMIT {top:UInt32} BY family
