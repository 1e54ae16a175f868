-- Usage booked in a period, up to a day, with who answers for it: by the verdicts of one attribution, and by the families as they were
-- known when the allocation was computed. `party` is a family, or the kind of unattributed usage. Other report queries
-- begin with this one, as `usage`. Rows of earlier periods that came late are in it on demand only: they are corrected by lines
-- of their own.
SELECT
    if(verdict.party = '', 'unknown', verdict.party) AS party,
    if(verdict.kind = '', 'unattributed', verdict.kind) AS kind,
    verdict.org_id AS org_id,
    verdict.tier AS tier,
    verdict.platform AS platform,
    booked.*
FROM
(
    SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, client, ci, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes
    FROM
    (
        SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, client, ci, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes
        FROM usage_known
        UNION ALL
        SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, client, ci, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes
        FROM usage_moved
        WHERE attribution_version = {attribution_version:String}
    )
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date} AND (day >= toDate({period:String} || '-01') OR {with_late:Bool})
) AS booked
LEFT JOIN
(
    SELECT
        judged.evidence_set AS evidence_set,
        judged.valid_from AS valid_from,
        judged.valid_to AS valid_to,
        ifNull(judged.org_id, '') AS org_id,
        judged.tier AS tier,
        judged.platform AS platform,
        multiIf(judged.org_id IS NULL, toString(judged.unattributed), family.family_id = '', assumeNotNull(judged.org_id), family.family_id) AS party,
        multiIf(judged.org_id IS NULL, 'unattributed', family.exempt, 'exempt', has({billable_tiers:Array(String)}, judged.tier), 'billable', 'not_billable') AS kind
    FROM (SELECT * FROM evidence_verdict FINAL WHERE attribution_version = {attribution_version:String}) AS judged
    LEFT JOIN
    (
        SELECT org.org_id AS org_id, org.exempt AS exempt, if(edge.family_id = '', org.org_id, edge.family_id) AS family_id
        FROM (SELECT * FROM org FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS org
        LEFT JOIN (SELECT * FROM org_edge FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS edge
            ON edge.org_id = org.org_id
    ) AS family ON family.org_id = judged.org_id
) AS verdict ON verdict.evidence_set = booked.evidence_set AND booked.day >= verdict.valid_from AND booked.day < verdict.valid_to
