-- All usage of the period, with its attributed part and its part of unknown class. One row.
SELECT
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials,
    sumIf(usage.requests, usage.kind != 'unattributed') AS attributed_requests,
    sumIf(usage.bytes, usage.kind != 'unattributed') AS attributed_bytes,
    sumIf(usage.requests, usage.requester_class = 'unknown') AS unknown_class_requests,
    sumIf(usage.bytes, usage.requester_class = 'unknown') AS unknown_class_bytes
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
