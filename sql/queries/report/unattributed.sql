-- Usage that no organisation answers for, by reason, and by platform where its network is published.
SELECT
    usage.party AS reason,
    usage.platform AS platform,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE usage.kind = 'unattributed'
GROUP BY reason, platform
ORDER BY bytes DESC, requests DESC, reason, platform
