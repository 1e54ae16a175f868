-- Usage by organisation and tier of evidence
-- table short
SELECT org_id, any(org_usage_daily.name) AS organisation, tier, sum(org_usage_daily.requests) AS requests, sum(org_usage_daily.downloads) AS downloads,
    sum(org_usage_daily.bytes) AS bytes
FROM org_usage_daily
WHERE $__dateFilter(day) AND $__conditionalAll(family_id IN (${family:singlequote}), $family)
GROUP BY org_id, tier
ORDER BY bytes DESC, org_id, tier
