-- Usage of a period, up to a day, by day and party: that of period/parties.sql, so that the rest of the month can be estimated.
SELECT
    toString(usage.day) AS day,
    if(answer.kind = 'unattributed', toString(answer.unattributed), answer.family_id) AS party,
    toString(answer.kind) AS kind,
    usage.requester_class AS requester_class,
    sum(usage.requests) AS requests,
    sum(usage.bytes) AS bytes
FROM
(
    SELECT day, requester_class, evidence_set, sum(adjusted.requests) AS requests, sum(adjusted.bytes) AS bytes
    FROM usage_adjusted AS adjusted
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date} AND day >= toDate({period:String} || '-01')
    GROUP BY day, requester_class, evidence_set
) AS usage
LEFT JOIN answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = {billable_tiers:Array(String)}) AS answer
    ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
GROUP BY day, party, kind, requester_class
ORDER BY day, kind, party, requester_class
