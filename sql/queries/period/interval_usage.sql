-- Attributed usage of a period by organisation and by the evidence that decided: the CIDR of E4–E6, or the AS number
-- (whose usage period/interval_networks.sql splits by network). Sums by family are those of period/parties.sql.
SELECT
    usage.family_id AS family_id,
    usage.org_id AS org_id,
    usage.tier AS tier,
    multiIf(usage.tier IN ('E1', 'E2', 'E3'), '', evidence.value = '', usage.evidence_id, evidence.value) AS prefix,
    usage.requester_class AS requester_class,
    sum(usage.requests) AS requests,
    sum(usage.bytes) AS bytes
FROM attributed_by_evidence AS usage
LEFT JOIN
(
    SELECT evidence_id AS deciding_id, argMax(org_evidence.value, recorded_at) AS value
    FROM org_evidence
    WHERE kind IN ('cidr', 'asn')
    GROUP BY deciding_id
) AS evidence ON evidence.deciding_id = usage.evidence_id
WHERE usage.org_id != '' AND usage.booked_day >= toDate({period:String} || '-01') AND usage.booked_day <= {until:Date} AND usage.day >= toDate({period:String} || '-01')
GROUP BY family_id, org_id, tier, prefix, requester_class
ORDER BY family_id, org_id, tier, prefix, requester_class
