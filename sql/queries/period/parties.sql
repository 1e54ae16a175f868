-- Usage of a period, up to a day, by who answers for it: families (billable where the evidence may be billed), exempt families, and
-- the unattributed kinds. Periods sum by booked_day, so that a closed period never changes; rows of earlier periods that
-- were booked in this one are corrections (period/late_parties.sql), not usage of it.
SELECT
    multiIf(usage.org_id = '', usage.unattributed, org_current.family_id = '', usage.org_id, org_current.family_id) AS party,
    multiIf(usage.org_id = '', 'unattributed', org_current.exempt, 'exempt', has({billable_tiers:Array(String)}, usage.tier), 'billable', 'not_billable') AS kind,
    usage.requester_class AS requester_class,
    usage.tier AS tier,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes
FROM attributed_sets AS usage
LEFT JOIN org_current ON org_current.org_id = usage.org_id
WHERE usage.booked_day >= toDate({period:String} || '-01') AND usage.booked_day <= {until:Date} AND usage.day >= toDate({period:String} || '-01')
GROUP BY party, kind, requester_class, tier
ORDER BY kind, party, requester_class, tier
SETTINGS join_use_nulls = 0
