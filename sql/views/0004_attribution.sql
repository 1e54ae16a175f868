-- The verdicts of the latest attribution.
CREATE OR REPLACE VIEW verdict_current
AS SELECT *
FROM evidence_verdict FINAL
WHERE attribution_version = (SELECT argMax(attribution_version, computed_at) FROM attribution_run);

-- What an attribution moves by network, at the grain of usage_daily, without packages. Sums to zero.
CREATE OR REPLACE VIEW usage_moved
AS SELECT
    attribution_version,
    day, booked_day, ecosystem,
    '' AS package, '' AS version, '' AS artifact,
    requester_class,
    '' AS identity,
    client,
    CAST(NULL AS Nullable(Bool)) AS ci,
    '' AS ci_provider,
    CAST(NULL AS Nullable(Bool)) AS container,
    'declared-network' AS rule_id,
    evidence_set,
    '' AS country,
    requests, downloads, bytes, repeat_downloads, repeat_bytes
FROM usage_move FINAL
WHERE evidence_set != 0
    AND (attribution_version, day, booked_day, computed_at) IN (SELECT attribution_version, day, booked_day, max(computed_at) FROM usage_move GROUP BY attribution_version, day, booked_day);

-- Organisations as known now, each with its legal family (itself, where the registry names none).
CREATE OR REPLACE VIEW org_current
AS SELECT
    org.org_id AS org_id,
    org.name AS name,
    org.exempt AS exempt,
    org.contact AS contact,
    if(org_edge.family_id = '', org.org_id, org_edge.family_id) AS family_id
FROM (SELECT * FROM org FINAL WHERE state = 0) AS org
LEFT JOIN (SELECT * FROM org_edge FINAL WHERE state = 0) AS org_edge ON org_edge.org_id = org.org_id
SETTINGS join_use_nulls = 0;

-- Usage as the latest attribution counts it: what is known, and what it moves.
CREATE OR REPLACE VIEW usage_counted
AS SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes
FROM usage_known
UNION ALL
SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes
FROM usage_moved
WHERE attribution_version = (SELECT argMax(attribution_version, computed_at) FROM attribution_run);

-- Usage with its verdict: attributed + unattributed (by kind) = total, under every filter.
CREATE OR REPLACE VIEW attributed_usage
AS SELECT
    usage.day AS day,
    usage.booked_day AS booked_day,
    usage.ecosystem AS ecosystem,
    usage.package AS package,
    usage.version AS version,
    usage.artifact AS artifact,
    usage.requester_class AS requester_class,
    usage.identity AS identity,
    usage.client AS client,
    usage.ci AS ci,
    usage.ci_provider AS ci_provider,
    usage.container AS container,
    usage.rule_id AS rule_id,
    usage.evidence_set AS evidence_set,
    usage.country AS country,
    ifNull(verdict.org_id, '') AS org_id,
    verdict.tier AS tier,
    verdict.evidence_id AS evidence_id,
    multiIf(verdict.org_id IS NOT NULL, '', verdict.unattributed = '', 'unknown', verdict.unattributed) AS unattributed,
    verdict.platform AS platform,
    usage.requests AS requests,
    usage.downloads AS downloads,
    usage.bytes AS bytes,
    usage.repeat_downloads AS repeat_downloads,
    usage.repeat_bytes AS repeat_bytes
FROM usage_counted AS usage
LEFT JOIN verdict_current AS verdict
    ON verdict.evidence_set = usage.evidence_set AND usage.day >= verdict.valid_from AND usage.day < verdict.valid_to
SETTINGS join_use_nulls = 0;

-- The same by evidence set and requester class: what periods are summed from. Of a day's rows it judges one in hundreds.
CREATE OR REPLACE VIEW attributed_sets
AS SELECT
    usage.day AS day,
    usage.booked_day AS booked_day,
    usage.requester_class AS requester_class,
    usage.evidence_set AS evidence_set,
    ifNull(verdict.org_id, '') AS org_id,
    verdict.tier AS tier,
    verdict.evidence_id AS evidence_id,
    multiIf(verdict.org_id IS NOT NULL, '', verdict.unattributed = '', 'unknown', verdict.unattributed) AS unattributed,
    usage.requests AS requests,
    usage.downloads AS downloads,
    usage.bytes AS bytes
FROM
(
    SELECT day, booked_day, requester_class, evidence_set, sum(counted.requests) AS requests, sum(counted.downloads) AS downloads, sum(counted.bytes) AS bytes
    FROM usage_counted AS counted
    GROUP BY day, booked_day, requester_class, evidence_set
) AS usage
LEFT JOIN verdict_current AS verdict
    ON verdict.evidence_set = usage.evidence_set AND usage.day >= verdict.valid_from AND usage.day < verdict.valid_to
SETTINGS join_use_nulls = 0;

CREATE OR REPLACE VIEW org_usage_daily
AS SELECT
    usage.day AS day,
    usage.booked_day AS booked_day,
    usage.org_id AS org_id,
    org_current.family_id AS family_id,
    org_current.name AS name,
    usage.tier AS tier,
    usage.ecosystem AS ecosystem,
    usage.requester_class AS requester_class,
    usage.client AS client,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM attributed_usage AS usage
LEFT JOIN org_current ON org_current.org_id = usage.org_id
WHERE usage.org_id != ''
GROUP BY day, booked_day, org_id, family_id, name, tier, ecosystem, requester_class, client
SETTINGS join_use_nulls = 0;

-- Usage that no organisation answers for, in its four kinds; never billed.
CREATE OR REPLACE VIEW unattributed_usage_daily
AS SELECT
    day,
    booked_day,
    unattributed,
    platform,
    ecosystem,
    requester_class,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM attributed_usage AS usage
WHERE unattributed != ''
GROUP BY day, booked_day, unattributed, platform, ecosystem, requester_class;

-- What share of a period's use each family stands for; the unattributed kinds stand beside them. Booked months.
CREATE OR REPLACE VIEW funding_share
AS SELECT
    formatDateTime(usage.booked_day, '%Y-%m') AS period,
    multiIf(usage.org_id = '', '', org_current.family_id = '', usage.org_id, org_current.family_id) AS family_id,
    usage.unattributed AS unattributed,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    requests / sum(requests) OVER (PARTITION BY period) AS requests_share,
    bytes / sum(bytes) OVER (PARTITION BY period) AS bytes_share
FROM attributed_usage AS usage
LEFT JOIN org_current ON org_current.org_id = usage.org_id
GROUP BY period, family_id, unattributed
SETTINGS join_use_nulls = 0;
