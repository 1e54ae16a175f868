-- How often evidence of E4–E6 names the right organisation, counted in prefixes, by organisation named. The token tells the truth
-- and is hidden from the verdict. Organisations without a token of their own are one group, because no token can prove them right.
-- A prefix (the CIDR of the evidence; the /24 or /48 if an AS number decided) is right if most of its requests are.
SELECT
    tier,
    if(named IN (SELECT assumeNotNull(org_id) FROM verdict_current WHERE org_id IS NOT NULL AND hidden_org_id != ''), named, '') AS org_id,
    countIf(requests_right * 2 >= requests_all) AS prefixes_right,
    countIf(requests_right * 2 < requests_all) AS prefixes_wrong
FROM
(
    SELECT
        verdict.hidden_tier AS tier,
        verdict.hidden_org_id AS named,
        if(evidence.kind = 'cidr', evidence.value, usage.network) AS prefix,
        sumIf(usage.requests, verdict.org_id = verdict.hidden_org_id) AS requests_right,
        sum(usage.requests) AS requests_all
    FROM
    (
        SELECT day, evidence_set, network, requests
        FROM network_known
        WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date} AND day >= toDate({period:String} || '-01')
            AND evidence_set IN (SELECT evidence_set FROM verdict_current WHERE org_id IS NOT NULL AND hidden_org_id != '') -- otherwise all networks would be read
    ) AS usage
    INNER JOIN
    (
        SELECT evidence_set, valid_from, valid_to, assumeNotNull(org_id) AS org_id, hidden_org_id, hidden_tier, hidden_evidence_id
        FROM verdict_current
        WHERE org_id IS NOT NULL AND hidden_org_id != ''
    ) AS verdict ON verdict.evidence_set = usage.evidence_set
    INNER JOIN (SELECT evidence_id AS deciding_id, argMax(org_evidence.kind, recorded_at) AS kind, argMax(org_evidence.value, recorded_at) AS value FROM org_evidence WHERE org_evidence.kind IN ('cidr', 'asn') GROUP BY deciding_id) AS evidence ON evidence.deciding_id = verdict.hidden_evidence_id
    WHERE usage.day >= verdict.valid_from AND usage.day < verdict.valid_to
    GROUP BY tier, named, prefix
    HAVING requests_all > 0
)
GROUP BY tier, org_id
ORDER BY tier, org_id
