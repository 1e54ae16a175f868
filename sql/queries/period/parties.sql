-- Usage of a period, up to a day, by party: families (billable if the evidence may be billed), exempt families, and the
-- unattributed kinds. Periods sum by booked_day, so that a closed period never changes. Rows of earlier periods that were booked
-- in this one are corrections (period/late_parties.sql), not usage of this period.
SELECT
    if(answer.kind = 'unattributed', toString(answer.unattributed), answer.family_id) AS party,
    toString(answer.kind) AS kind,
    usage.requester_class AS requester_class,
    answer.tier AS tier,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes
FROM
(
    SELECT day, requester_class, evidence_set, sum(adjusted.requests) AS requests, sum(adjusted.downloads) AS downloads, sum(adjusted.bytes) AS bytes
    FROM usage_adjusted AS adjusted
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date} AND day >= toDate({period:String} || '-01')
    GROUP BY day, requester_class, evidence_set
) AS usage
LEFT JOIN answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = {billable_tiers:Array(String)}) AS answer
    ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
GROUP BY party, kind, requester_class, tier
ORDER BY kind, party, requester_class, tier
