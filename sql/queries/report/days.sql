-- Usage by the day it was booked on: attributed, and each kind of unattributed.
SELECT
    usage.booked_day AS day,
    if(usage.kind = 'unattributed', usage.party, 'attributed') AS series,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
GROUP BY day, series
ORDER BY day, series
