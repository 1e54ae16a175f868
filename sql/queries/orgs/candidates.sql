-- The networks (or AS numbers) with the most traffic that no organisation answers for, and the facts about them. Booked days from, to.
-- Usage that was moved to a network's organisation is no candidate.
WITH
    -- unattributed usage by network: sealed days, and days that are only in landing
    heaviest AS
    (
        SELECT
            if({by_as:Bool}, if(evidence.asn IS NULL, '', 'AS' || toString(evidence.asn)), usage.network) AS candidate,
            groupUniqArrayIf(toString(evidence.asn), evidence.asn IS NOT NULL) AS asns,
            groupUniqArrayIf(toString(evidence.network_type), evidence.network_type IS NOT NULL) AS types,
            groupUniqArrayIf(answer.platform, answer.platform != '') AS providers,
            groupUniqArray(toString(answer.unattributed)) AS reasons,
            arraySort(groupUniqArray(toString(usage.ecosystem))) AS ecosystems,
            arrayMap(pair -> pair.1, arraySort(pair -> (-pair.2, pair.1), arrayZip(mapKeys(sumMap(map(toString(usage.requester_class), usage.bytes)) AS class_bytes), mapValues(class_bytes)))) AS classes,
            uniqExact(usage.network) AS networks,
            uniqExact(usage.day) AS days_seen,
            min(usage.day) AS first_day,
            max(usage.day) AS last_day,
            sum(usage.requests) AS requests,
            sum(usage.downloads) AS downloads,
            sum(usage.bytes) AS bytes
        FROM
        (
            SELECT
                stored.day AS day, stored.ecosystem AS ecosystem, stored.network AS network,
                if(late.declared_set = 0 OR (stored.day, stored.booked_day) NOT IN (SELECT day, booked_day FROM usage_move WHERE attribution_version = {attribution_version:String}), stored.evidence_set, late.declared_set) AS evidence_set,
                stored.requester_class AS requester_class, stored.requests AS requests, stored.downloads AS downloads, stored.bytes AS bytes
            FROM network_daily AS stored
            LEFT JOIN declared_late(attribution_version = {attribution_version:String}, known_at = {evidence_known_at:DateTime64(3, 'UTC')}, first_read_at = {first_read_at:DateTime64(3, 'UTC')}) AS late
                ON late.day = stored.day AND late.network = stored.network AND late.evidence_set = stored.evidence_set
            WHERE stored.booked_day >= {from:Date} AND stored.booked_day <= {to:Date} AND stored.day >= {from:Date}
                AND (stored.day, stored.booked_day) IN (SELECT day, booked_day FROM seal_current) AND stored.network != ''
            UNION ALL
            SELECT toDate(hour) AS day, ecosystem, network, evidence_set, requester_class, toInt64(requests) AS requests, toInt64(downloads) AS downloads, toInt64(bytes) AS bytes
            FROM usage_batch FINAL
            WHERE toDate(hour) >= {from:Date} AND toDate(hour) <= {to:Date} AND _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current)
                AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded') AND network != ''
        ) AS usage
        LEFT JOIN (SELECT id, asn, network_type FROM evidence_set FINAL) AS evidence ON evidence.id = usage.evidence_set
        LEFT JOIN answering_party(attribution_version = {attribution_version:String}, known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
            ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
        WHERE answer.org_id = '' AND has({kinds:Array(String)}, toString(answer.unattributed))
        GROUP BY candidate
        HAVING candidate != '' AND requests > 0
        ORDER BY bytes DESC, requests DESC, candidate
        LIMIT {top:UInt32}
    ),
    -- countries are only in landing, until it is dropped
    seen_country AS
    (
        SELECT network, arraySort(groupUniqArray(toString(country))) AS countries
        FROM usage_batch
        WHERE country != '' AND toDate(hour) >= {from:Date} AND toDate(hour) <= {to:Date} AND network IN (SELECT candidate FROM heaviest)
        GROUP BY network
    )
SELECT heaviest.*, seen_country.countries AS countries
FROM heaviest
LEFT JOIN seen_country ON seen_country.network = heaviest.candidate
ORDER BY bytes DESC, requests DESC, candidate
