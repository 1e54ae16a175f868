-- Usage of a family (of each if none is named) by the name of its tokens (empty: no token), with what its cost is split by.
SELECT
    usage.party AS family,
    usage.team AS value,
    usage.org_id AS org_id,
    toString(usage.requester_class) AS requester_class,
    toString(usage.kind) AS kind,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE usage.kind != 'unattributed' AND ({family:String} = '' OR usage.party = {family:String})
GROUP BY family, value, org_id, requester_class, kind
ORDER BY family, value, org_id, requester_class, kind
