-- The packages that cause the most bytes.
SELECT
    usage.ecosystem AS ecosystem,
    usage.package AS package,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE usage.package != ''
GROUP BY ecosystem, package
ORDER BY bytes DESC, requests DESC, ecosystem, package
LIMIT {top:UInt32}
