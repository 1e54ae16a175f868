-- Requests per 5-minute slot of a month, by party: the organisation, or the network if no organisation answers for it.
-- Slots are numbered from 0 at the month's first day; only slots with requests are listed.
SELECT kind, id, exempt, groupArray((slot_number, toString(slot_requests))) AS counts
FROM
(
    SELECT
        if(answer.org_id = '', 'network', 'organisation') AS kind,
        if(answer.org_id = '', rate.network, answer.org_id) AS id,
        any(answer.exempt) AS exempt,
        toUInt32(intDiv(toUnixTimestamp(rate.slot) - toUnixTimestamp(toDateTime({period:String} || '-01 00:00:00', 'UTC')), 300)) AS slot_number,
        sum(rate.requests) AS slot_requests
    FROM request_rate AS rate
    LEFT JOIN answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
        ON answer.evidence_set = rate.evidence_set AND rate.day >= answer.valid_from AND rate.day < answer.valid_to
    WHERE rate.day >= toDate({period:String} || '-01') AND rate.day < addMonths(toDate({period:String} || '-01'), 1)
        AND (rate.day, rate.booked_day) IN (SELECT day, booked_day FROM seal_current)
    GROUP BY kind, id, slot_number
    HAVING slot_requests != 0
)
WHERE id != ''
GROUP BY kind, id, exempt
ORDER BY kind DESC, id
