-- Usage as the allocation takes it: it must equal allocation_input of the run. Repeats: traffic that a cache would have saved.
SELECT
    usage.party AS party,
    usage.kind AS kind,
    usage.requester_class AS requester_class,
    usage.tier AS tier,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
GROUP BY party, kind, requester_class, tier
ORDER BY kind, party, requester_class, tier
