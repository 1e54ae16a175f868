-- Usage by one dimension: requester_class, ecosystem, client or ci (empty: not known). The largest by bytes.
SELECT
    ifNull(toString({dimension:Identifier}), '') AS value,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials,
    sumIf(usage.bytes, usage.kind != 'unattributed') AS attributed_bytes
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
GROUP BY value
ORDER BY bytes DESC, requests DESC, value
LIMIT {top:UInt32}
