-- The clients and rules that gave a family's usage its requester classes (of each family if none is named): the largest of each class.
SELECT
    usage.party AS family,
    usage.requester_class AS requester_class,
    usage.client AS client,
    usage.rule_id AS rule_id,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
WHERE usage.kind != 'unattributed' AND ({family:String} = '' OR usage.party = {family:String})
GROUP BY family, requester_class, client, rule_id
ORDER BY family, requester_class, bytes DESC, requests DESC, client, rule_id
LIMIT 5 BY family, requester_class
