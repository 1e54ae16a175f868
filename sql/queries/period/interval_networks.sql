-- Usage of a period that an AS number attributes, by network, as long as networks are stored.
SELECT
    verdict.org_id AS org_id,
    verdict.tier AS tier,
    evidence.value AS asn,
    usage.network AS network,
    usage.requester_class AS requester_class,
    sum(usage.requests) AS requests,
    sum(usage.bytes) AS bytes
FROM
(
    SELECT day, evidence_set, network, requester_class, requests, bytes
    FROM network_known
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date} AND day >= toDate({period:String} || '-01')
        AND evidence_set IN (SELECT evidence_set FROM verdict_current WHERE org_id IS NOT NULL AND tier IN ('E4', 'E5', 'E6')) -- otherwise all networks would be read
) AS usage
INNER JOIN
(
    SELECT evidence_set, valid_from, valid_to, assumeNotNull(org_id) AS org_id, tier, evidence_id
    FROM verdict_current
    WHERE org_id IS NOT NULL AND tier IN ('E4', 'E5', 'E6')
) AS verdict ON verdict.evidence_set = usage.evidence_set
INNER JOIN (SELECT evidence_id AS deciding_id, argMax(org_evidence.value, recorded_at) AS value FROM org_evidence WHERE kind = 'asn' GROUP BY deciding_id) AS evidence ON evidence.deciding_id = verdict.evidence_id
WHERE usage.day >= verdict.valid_from AND usage.day < verdict.valid_to AND usage.network != ''
GROUP BY org_id, tier, asn, network, requester_class
ORDER BY org_id, tier, asn, network, requester_class
