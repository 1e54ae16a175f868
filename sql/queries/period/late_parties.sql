-- Usage of an earlier period that was booked in this one, up to a day, by who answers for it: by the verdicts and families
-- of the allocation that closed that period, so that what is taken back is taken from whom it was counted for. Evidence
-- that nobody had judged then counts by today's verdicts, without moves.
SELECT
    multiIf(usage.org_id = '', usage.unattributed, family.family_id = '', usage.org_id, family.family_id) AS party,
    multiIf(usage.org_id = '', 'unattributed', family.exempt, 'exempt', has({billable_tiers:Array(String)}, usage.tier), 'billable', 'not_billable') AS kind,
    usage.requester_class AS requester_class,
    usage.tier AS tier,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes
FROM
(
    SELECT
        late.requester_class AS requester_class,
        ifNull(verdict.org_id, '') AS org_id,
        verdict.tier AS tier,
        multiIf(verdict.org_id IS NOT NULL, '', verdict.unattributed = '', 'unknown', toString(verdict.unattributed)) AS unattributed,
        late.requests AS requests,
        late.downloads AS downloads,
        late.bytes AS bytes
    FROM
    (
        SELECT day, evidence_set, requester_class, requests, downloads, bytes
        FROM
        (
            SELECT day, booked_day, evidence_set, requester_class, requests, downloads, bytes
            FROM usage_known
            UNION ALL
            SELECT day, booked_day, evidence_set, requester_class, requests, downloads, bytes
            FROM usage_moved
            WHERE attribution_version = {attribution_version:String}
        )
        WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date}
            AND day >= toDate({of_period:String} || '-01') AND day < addMonths(toDate({of_period:String} || '-01'), 1)
    ) AS late
    LEFT JOIN
    (
        SELECT evidence_set, valid_from, valid_to, org_id, tier, unattributed
        FROM evidence_verdict FINAL
        WHERE attribution_version = {attribution_version:String}
        UNION ALL
        SELECT evidence_set, valid_from, valid_to, org_id, tier, unattributed
        FROM verdict_current
        WHERE evidence_set NOT IN (SELECT evidence_set FROM evidence_verdict WHERE attribution_version = {attribution_version:String})
    ) AS verdict ON verdict.evidence_set = late.evidence_set AND late.day >= verdict.valid_from AND late.day < verdict.valid_to
) AS usage
LEFT JOIN
(
    SELECT org.org_id AS org_id, org.exempt AS exempt, if(edge.family_id = '', org.org_id, edge.family_id) AS family_id
    FROM (SELECT * FROM org FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS org
    LEFT JOIN (SELECT * FROM org_edge FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS edge
        ON edge.org_id = org.org_id
) AS family ON family.org_id = usage.org_id
GROUP BY party, kind, requester_class, tier
HAVING requests != 0 OR downloads != 0 OR bytes != 0
ORDER BY kind, party, requester_class, tier
SETTINGS join_use_nulls = 0
