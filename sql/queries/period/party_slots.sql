-- Requests per 5-minute slot of a month, by party: the organisation, or the network if no organisation answers for it. Usage that was
-- moved to a network's organisation counts there, as in every allocation. Slots are numbered from 0 at the month's first day; only
-- slots with requests are listed.
SELECT kind, id, exempt, groupArray((slot_number, toString(slot_requests))) AS counts
FROM
(
    SELECT
        if(answer.org_id = '', 'network', 'organisation') AS kind,
        if(answer.org_id = '', rate.network, answer.org_id) AS id,
        any(answer.exempt) AS exempt,
        toUInt32(intDiv(toUnixTimestamp(rate.slot) - toUnixTimestamp(toDateTime({period:String} || '-01 00:00:00', 'UTC')), 300)) AS slot_number,
        sum(rate.requests) AS slot_requests
    FROM
    (
        SELECT
            stored.day AS day, stored.slot AS slot, stored.network AS network, stored.requests AS requests,
            if(late.declared_set = 0 OR (stored.day, stored.booked_day) NOT IN (SELECT day, booked_day FROM usage_move WHERE attribution_version = {attribution_version:String}), stored.evidence_set, late.declared_set) AS evidence_set
        FROM request_rate AS stored
        LEFT JOIN declared_late(attribution_version = {attribution_version:String}, known_at = {evidence_known_at:DateTime64(3, 'UTC')}, first_read_at = {first_read_at:DateTime64(3, 'UTC')}) AS late
            ON late.day = stored.day AND late.network = stored.network AND late.evidence_set = stored.evidence_set
        WHERE stored.booked_day >= toDate({period:String} || '-01') AND stored.booked_day < addMonths(toDate({period:String} || '-01'), 1) AND stored.day >= toDate({period:String} || '-01')
            AND (stored.day, stored.booked_day) IN (SELECT day, booked_day FROM seal_current)
    ) AS rate
    LEFT JOIN answering_party(attribution_version = {attribution_version:String}, known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
        ON answer.evidence_set = rate.evidence_set AND rate.day >= answer.valid_from AND rate.day < answer.valid_to
    GROUP BY kind, id, slot_number
    HAVING slot_requests != 0
)
WHERE id != ''
GROUP BY kind, id, exempt
ORDER BY kind DESC, id
