-- Usage of an earlier period that was booked in this one, up to a day, by party. It uses the verdicts and families of the
-- allocation that closed that period, so that usage is taken back from the party that it was counted for. Evidence that nobody
-- had judged then counts by today's verdicts, without moves.
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
    SELECT day, evidence_set, requester_class, requests, downloads, bytes
    FROM usage_adjusted_by(attribution_version = {attribution_version:String})
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date}
        AND day >= toDate({of_period:String} || '-01') AND day < addMonths(toDate({of_period:String} || '-01'), 1)
) AS usage
LEFT JOIN
(
    SELECT *
    FROM answering_party(attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)})
    UNION ALL
    SELECT *
    FROM answering_party(attribution_version = '', known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)})
    WHERE evidence_set NOT IN (SELECT evidence_set FROM evidence_verdict WHERE attribution_version = {attribution_version:String})
) AS answer
    ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
GROUP BY party, kind, requester_class, tier
HAVING requests != 0 OR downloads != 0 OR bytes != 0
ORDER BY kind, party, requester_class, tier
