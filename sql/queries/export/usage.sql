-- Usage of an organisation and its family, at the finest grain that is stored. With {csv}, an apostrophe turns a text that a
-- spreadsheet would run as a formula into plain text. Ordered by the whole key, so that the same usage gives the same bytes.
SELECT
    own.day AS day,
    own.booked_day AS booked_day,
    if({csv:Bool} AND match(own.org_id, '^[=+\\-@\\t\\r]'), concat('\'', own.org_id), own.org_id) AS org_id,
    if({csv:Bool} AND match(own.ecosystem, '^[=+\\-@\\t\\r]'), concat('\'', own.ecosystem), own.ecosystem) AS ecosystem,
    if({csv:Bool} AND match(own.package, '^[=+\\-@\\t\\r]'), concat('\'', own.package), own.package) AS package,
    if({csv:Bool} AND match(own.version, '^[=+\\-@\\t\\r]'), concat('\'', own.version), own.version) AS version,
    own.artifact AS artifact,
    own.requester_class AS requester_class,
    if({csv:Bool} AND match(own.client, '^[=+\\-@\\t\\r]'), concat('\'', own.client), own.client) AS client,
    own.ci AS ci,
    if({csv:Bool} AND match(own.team, '^[=+\\-@\\t\\r]'), concat('\'', own.team), own.team) AS team,
    own.evidence_tier AS evidence_tier,
    own.requests AS requests,
    own.downloads AS downloads,
    own.bytes AS bytes,
    own.repeat_downloads AS repeat_downloads,
    own.repeat_bytes AS repeat_bytes,
    own.partials AS partials,
    own.methodology_version AS methodology_version
FROM
(
    SELECT
        day,
        booked_day,
        org_id,
        toString(usage.ecosystem) AS ecosystem,
        package,
        version,
        toString(usage.artifact) AS artifact,
        toString(usage.requester_class) AS requester_class,
        toString(usage.client) AS client,
        ci,
        usage.team AS team,
        toString(usage.tier) AS evidence_tier,
        sum(usage.requests) AS requests,
        sum(usage.downloads) AS downloads,
        sum(usage.bytes) AS bytes,
        sum(usage.repeat_downloads) AS repeat_downloads,
        sum(usage.repeat_bytes) AS repeat_bytes,
        sum(usage.partials) AS partials,
        toUInt16(if(day >= (SELECT ifNull(min(from_day), toDate('2149-06-06')) FROM methodology_start WHERE version = 2), 2, 1)) AS methodology_version
    FROM period_usage(period = {period:String}, until = {until:Date}, with_late = {with_late:Bool}, attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS usage
    WHERE has({orgs:Array(String)}, usage.org_id)
    GROUP BY day, booked_day, org_id, ecosystem, package, version, artifact, requester_class, client, ci, team, evidence_tier
) AS own
ORDER BY own.day, own.booked_day, own.org_id, own.ecosystem, own.package, own.version, own.artifact, own.requester_class, own.client, ifNull(toUInt8(own.ci), 2), own.team, own.evidence_tier
SETTINGS format_csv_null_representation = '', output_format_csv_crlf_end_of_line = 1
