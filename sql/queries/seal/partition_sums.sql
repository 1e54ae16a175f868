-- Sums of one partition of usage_daily, and a hash that does not depend on the order of its rows.
SELECT
    sum(sealed.requests) AS requests,
    sum(sealed.downloads) AS downloads,
    sum(sealed.partials) AS partials,
    sum(sealed.bytes) AS bytes,
    count() AS rows,
    sum(cityHash64(day, ecosystem, package, version, artifact, requester_class, identity, client, ifNull(toUInt8(ci), 2), ci_provider, ifNull(toUInt8(container), 2), rule_id, evidence_set, country, sealed.requests, sealed.downloads, sealed.bytes, repeat_downloads, repeat_bytes))
        + (
            SELECT sum(cityHash64('partials', ecosystem, package, version, artifact, requester_class, identity, client, ifNull(toUInt8(ci), 2), ci_provider, ifNull(toUInt8(container), 2), rule_id, evidence_set, country, partials))
            FROM usage_daily
            WHERE day = {day:Date} AND booked_day = {booked_day:Date} AND partials != 0
        ) AS hash
FROM usage_daily AS sealed
WHERE day = {day:Date} AND booked_day = {booked_day:Date}
