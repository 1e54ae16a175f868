-- The verdicts of the latest attribution.
CREATE OR REPLACE VIEW verdict_current
(
    attribution_version String COMMENT 'See attribution_run',
    evidence_set UInt64 COMMENT 'See evidence_set',
    valid_from Date COMMENT 'First day of the span in which the same evidence applies',
    valid_to Date COMMENT 'First day after it',
    org_id Nullable(String) COMMENT 'The organisation; NULL: unattributed',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: unattributed',
    evidence_id String COMMENT 'The evidence that decided; empty: unattributed',
    unattributed LowCardinality(String) COMMENT 'platform, negative, conflict, unknown; empty: attributed',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the range, where published; names no organisation',
    hidden_org_id String COMMENT 'Sets with a token: the organisation that E4–E6 would name without it; empty: none',
    hidden_tier LowCardinality(String) COMMENT 'Tier of that evidence',
    hidden_evidence_id String COMMENT 'That evidence'
)
COMMENT 'The verdicts of the latest attribution, of evidence_verdict'
AS SELECT *
FROM evidence_verdict FINAL
WHERE attribution_version = (SELECT argMax(attribution_version, computed_at) FROM attribution_run);

-- Usage that an attribution moves by network, at the grain of usage_daily, without packages. Sums to zero.
CREATE OR REPLACE VIEW usage_adjustment
(
    attribution_version String COMMENT 'See attribution_run',
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'Usage that attributions move by network, at the grain of usage_known; sums to zero'
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
    requests, downloads, bytes, repeat_downloads, repeat_bytes,
    0 AS partials
FROM usage_move FINAL
WHERE evidence_set != 0
    AND (attribution_version, day, booked_day, computed_at) IN (SELECT attribution_version, day, booked_day, max(computed_at) FROM usage_move GROUP BY attribution_version, day, booked_day);

-- Usage as one attribution counts it: all usage plus the usage that this attribution moves.
CREATE OR REPLACE VIEW usage_adjusted_by
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'Usage as an attribution counts it: usage_adjusted_by(attribution_version = …)'
AS SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
FROM usage_known
UNION ALL
SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
FROM usage_adjustment
WHERE attribution_version = {attribution_version:String};

-- The same by the latest attribution.
CREATE OR REPLACE VIEW usage_adjusted
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'Usage as the latest attribution counts it: usage_known plus the usage that it moves'
AS SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
FROM usage_known
UNION ALL
SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, identity, client, ci, ci_provider, container, rule_id, evidence_set, country, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
FROM usage_adjustment
WHERE attribution_version = (SELECT argMax(attribution_version, computed_at) FROM attribution_run);

-- Organisations as known at a time, each with its legal family (itself, if the registry names none).
CREATE OR REPLACE VIEW org_known_at
(
    org_id String COMMENT 'The organisation',
    name String COMMENT 'Name of the organisation',
    exempt Bool COMMENT 'Whether the organisation uses the registry and is never billed',
    contact String COMMENT 'Address to which statements are sent',
    family_id String COMMENT 'Its legal family (itself, if the registry names none)'
)
COMMENT 'Organisations as they were known at a time: org_known_at(known_at = …)'
AS SELECT
    org.org_id AS org_id,
    org.name AS name,
    org.exempt AS exempt,
    org.contact AS contact,
    if(edge.family_id = '', org.org_id, edge.family_id) AS family_id
FROM (SELECT * FROM org FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS org
LEFT JOIN (SELECT * FROM org_edge FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS edge
    ON edge.org_id = org.org_id;

-- Organisations as known now. The date of 2199 is later than any retraction.
CREATE OR REPLACE VIEW org_current
(
    org_id String COMMENT 'The organisation',
    name String COMMENT 'Name of the organisation',
    exempt Bool COMMENT 'Whether the organisation uses the registry and is never billed',
    contact String COMMENT 'Address to which statements are sent',
    family_id String COMMENT 'Its legal family (itself, if the registry names none)'
)
COMMENT 'Organisations as known now'
AS SELECT org_id, name, exempt, contact, family_id
FROM {{database}}.org_known_at(known_at = '2199-01-01 00:00:00.000');

-- The one rule for which organisation answers for usage. Usage joins it by evidence set and day:
--     LEFT JOIN answering_party(…) AS answer
--         ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
-- The join finds no row for a set that the attribution has not judged. It then gives the first value of both enumerations: nobody
-- answers, and the reason is unknown. attribution_version: empty for the latest. known_at: families as known then.
CREATE OR REPLACE VIEW answering_party
(
    evidence_set UInt64 COMMENT 'See evidence_set',
    valid_from Date COMMENT 'First day of the span in which the same evidence applies',
    valid_to Date COMMENT 'First day after it',
    org_id String COMMENT 'The organisation that answers for the usage; empty: nobody does',
    family_id String COMMENT 'Its legal family (itself, if the registry names none); empty: nobody answers',
    exempt Bool COMMENT 'Whether the organisation uses the registry and is never billed',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: nobody answers',
    evidence_id String COMMENT 'The evidence that decided; empty: nobody answers',
    unattributed Enum8('unknown' = 0, '' = 1, 'platform' = 2, 'negative' = 3, 'conflict' = 4) COMMENT 'Why nobody answers: unknown, platform, negative, conflict; empty: an organisation does',
    kind Enum8('unattributed' = 0, 'billable' = 1, 'exempt' = 2, 'not_billable' = 3) COMMENT 'Whether the evidence and the organisation may be billed',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the network, where published; names no organisation'
)
COMMENT 'The organisation that answers for usage: answering_party(attribution_version = …, known_at = …, billable_tiers = […])'
AS SELECT
    verdict.evidence_set AS evidence_set,
    verdict.valid_from AS valid_from,
    verdict.valid_to AS valid_to,
    ifNull(verdict.org_id, '') AS org_id,
    if(family.family_id = '', ifNull(verdict.org_id, ''), family.family_id) AS family_id,
    family.exempt AS exempt,
    verdict.tier AS tier,
    verdict.evidence_id AS evidence_id,
    CAST(multiIf(verdict.org_id IS NOT NULL, '', verdict.unattributed = '', 'unknown', toString(verdict.unattributed)), 'Enum8(\'unknown\' = 0, \'\' = 1, \'platform\' = 2, \'negative\' = 3, \'conflict\' = 4)') AS unattributed,
    CAST(multiIf(verdict.org_id IS NULL, 'unattributed', family.exempt, 'exempt', has({billable_tiers:Array(String)}, verdict.tier), 'billable', 'not_billable'), 'Enum8(\'unattributed\' = 0, \'billable\' = 1, \'exempt\' = 2, \'not_billable\' = 3)') AS kind,
    verdict.platform AS platform
FROM
(
    SELECT *
    FROM evidence_verdict FINAL
    WHERE attribution_version = if({attribution_version:String} = '', (SELECT argMax(attribution_version, computed_at) FROM attribution_run), {attribution_version:String})
) AS verdict
LEFT JOIN {{database}}.org_known_at(known_at = {known_at:DateTime64(3, 'UTC')}) AS family ON family.org_id = ifNull(verdict.org_id, '');

-- Networks that were declared after their traffic was read, on days whose networks are stored: the organisation that answers for this
-- traffic instead of its evidence set. Evidence sets contain only the prefixes of their time. So each network's later evidence is judged
-- against the verdict of its sets, by the same rules (strongest tier, then longest prefix). Conflicts stay conflicts. Evidence that was
-- recorded before first_read_at was known when the stored traffic was read. attribute/moves.sql moves usage by this view; queries that
-- read networks themselves take declared_set for the evidence set, so that both name the same organisation.
CREATE OR REPLACE VIEW declared_late
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    network String COMMENT 'The /24 or /48 in CIDR notation',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    org_id String COMMENT 'The organisation that declared the network',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided',
    evidence_id String COMMENT 'The evidence that decided',
    declared_set UInt64 COMMENT 'The evidence set that stands for the declared network; its verdict names the organisation'
)
COMMENT 'Networks that were declared after their traffic was read: declared_late(attribution_version = …, known_at = …, first_read_at = …)'
AS
WITH
    toDate('2149-06-06') AS end_of_days,
    -- ranges that were declared after the stored traffic was read; IPv4 as IPv4-mapped IPv6, as in attribute/verdicts.sql
    active_prefix AS
    (
        SELECT
            evidence_id, org_id, tier, valid_from, if(valid_to IS NULL, end_of_days, assumeNotNull(valid_to) + 1) AS valid_end,
            toUInt8(toUInt8(splitByChar('/', value)[2]) + if(position(value, ':') = 0, 96, 0)) AS length,
            tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', value)[1]), length), 1) AS base
        FROM org_evidence FINAL
        WHERE kind = 'cidr' AND tier IN ('E1', 'E2', 'E3', 'E4', 'E5', 'E6')
            AND recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}
            AND recorded_at > {first_read_at:DateTime64(3, 'UTC')}
    ),
    -- lengths of those ranges: no other length can match
    lengths AS (SELECT groupUniqArray(length) FROM active_prefix),
    -- the stored networks with usage, in bookings that count
    sealed AS
    (
        SELECT day, network, evidence_set
        FROM network_daily
        WHERE network != '' AND (day, booked_day) IN (SELECT day, booked_day FROM seal_current)
            AND (SELECT count() FROM active_prefix) > 0 -- otherwise all networks would be read
    ),
    -- every stored network with each declared prefix that contains it
    declared AS
    (
        SELECT wider.network AS network, active_prefix.length AS specificity, active_prefix.tier AS claim_tier, active_prefix.org_id AS claim_org, active_prefix.evidence_id AS claim_id, active_prefix.valid_from AS claim_from, active_prefix.valid_end AS claim_end
        FROM
        (
            SELECT network, length, tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', network)[1]), length), 1) AS base
            FROM
            (
                SELECT DISTINCT network, toUInt8(toUInt8(splitByChar('/', network)[2]) + if(position(network, ':') = 0, 96, 0)) AS own_length
                FROM sealed
            )
            ARRAY JOIN arrayFilter(candidate -> candidate <= own_length, (SELECT * FROM lengths)) AS length
        ) AS wider
        INNER JOIN active_prefix ON active_prefix.base = wider.base AND active_prefix.length = wider.length
    ),
    -- the length of the prefix in each evidence set
    known AS
    (
        SELECT id, if(prefix IS NULL, 0, toUInt8(splitByChar('/', assumeNotNull(prefix))[2]) + if(position(assumeNotNull(prefix), ':') = 0, 96, 0)) AS known_length
        FROM evidence_set FINAL
    ),
    -- the attribution's verdict on each evidence set
    verdict AS
    (
        SELECT evidence_set, valid_from, valid_to, tier, unattributed
        FROM evidence_verdict FINAL
        WHERE attribution_version = {attribution_version:String}
    ),
    -- days on which a network that is declared now had usage
    pair AS (SELECT DISTINCT day, network, evidence_set FROM sealed WHERE network IN (SELECT network FROM declared)),
    -- the declared evidence that beats the verdict of a day: strongest tier, then longest prefix, of one organisation
    winner AS
    (
        SELECT
            pair.day AS day,
            pair.network AS network,
            pair.evidence_set AS evidence_set,
            min((claim_tier, -toInt16(specificity))) AS best,
            groupUniqArray((claim_tier, -toInt16(specificity), claim_org, claim_id)) AS claims,
            arraySort(claim -> claim.4, arrayFilter(claim -> (claim.1, claim.2) = best, claims)) AS winners
        FROM pair
        INNER JOIN declared ON declared.network = pair.network
        INNER JOIN known ON known.id = pair.evidence_set
        INNER JOIN verdict ON verdict.evidence_set = pair.evidence_set
        WHERE pair.day >= verdict.valid_from AND pair.day < verdict.valid_to
            AND pair.day >= claim_from AND pair.day < claim_end
            AND specificity > known_length
            AND verdict.unattributed != 'conflict'
            AND if(
                claim_tier IN ('E1', 'E2', 'E3'),
                verdict.tier = '' OR verdict.tier > claim_tier OR (verdict.tier = claim_tier AND verdict.tier != 'E1'),
                verdict.unattributed = 'unknown' OR (verdict.tier >= 'E4' AND verdict.tier >= claim_tier))
        GROUP BY day, network, evidence_set
        HAVING length(arrayDistinct(arrayMap(claim -> claim.3, winners))) = 1
    )
SELECT
    day,
    network,
    evidence_set,
    winners[1].3 AS org_id,
    toString(winners[1].1) AS tier,
    winners[1].4 AS evidence_id,
    cityHash64('declared', winners[1].3, winners[1].1, winners[1].4) AS declared_set
FROM winner;

-- Usage with the organisation that answers for it: attributed + unattributed (by kind) = total, under every filter.
CREATE OR REPLACE VIEW attributed_usage
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    identity LowCardinality(String) COMMENT 'signed, ip_verified, claimed, contradicted, none',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    ci_provider LowCardinality(String) COMMENT 'CI vendor as the client names it',
    container Nullable(Bool) COMMENT 'Ran in a container build; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'The rule that decided requester_class',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    org_id String COMMENT 'The organisation that answers for the usage; empty: nobody does',
    family_id String COMMENT 'Its legal family (itself, if the registry names none); empty: nobody answers',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: nobody answers',
    evidence_id String COMMENT 'The evidence that decided; empty: nobody answers',
    unattributed LowCardinality(String) COMMENT 'Why nobody answers: unknown, platform, negative, conflict; empty: an organisation does',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the network, where published; names no organisation',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'All usage, with the organisation that answers for it, or why nobody does'
AS SELECT
    usage.day AS day, usage.booked_day AS booked_day, usage.ecosystem AS ecosystem, usage.package AS package, usage.version AS version, usage.artifact AS artifact, usage.requester_class AS requester_class, usage.identity AS identity, usage.client AS client, usage.ci AS ci, usage.ci_provider AS ci_provider, usage.container AS container, usage.rule_id AS rule_id, usage.evidence_set AS evidence_set, usage.country AS country,
    answer.org_id AS org_id,
    answer.family_id AS family_id,
    answer.tier AS tier,
    answer.evidence_id AS evidence_id,
    toString(answer.unattributed) AS unattributed,
    answer.platform AS platform,
    usage.requests AS requests, usage.downloads AS downloads, usage.bytes AS bytes, usage.repeat_downloads AS repeat_downloads, usage.repeat_bytes AS repeat_bytes, usage.partials AS partials
FROM usage_adjusted AS usage
LEFT JOIN {{database}}.answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
    ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to;

-- attributed_usage by evidence set and requester class; months are summed from it. It joins verdicts after grouping: hundreds of
-- times fewer rows.
CREATE OR REPLACE VIEW attributed_by_evidence
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    org_id String COMMENT 'The organisation that answers for the usage; empty: nobody does',
    family_id String COMMENT 'Its legal family (itself, if the registry names none); empty: nobody answers',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: nobody answers',
    evidence_id String COMMENT 'The evidence that decided; empty: nobody answers',
    unattributed LowCardinality(String) COMMENT 'Why nobody answers: unknown, platform, negative, conflict; empty: an organisation does',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the network, where published; names no organisation',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge'
)
COMMENT 'attributed_usage summed by day, requester class and evidence set: a month at once'
AS SELECT
    usage.day AS day,
    usage.booked_day AS booked_day,
    usage.requester_class AS requester_class,
    usage.evidence_set AS evidence_set,
    answer.org_id AS org_id,
    answer.family_id AS family_id,
    answer.tier AS tier,
    answer.evidence_id AS evidence_id,
    toString(answer.unattributed) AS unattributed,
    answer.platform AS platform,
    usage.requests AS requests,
    usage.downloads AS downloads,
    usage.bytes AS bytes
FROM
(
    SELECT day, booked_day, requester_class, evidence_set, sum(adjusted.requests) AS requests, sum(adjusted.downloads) AS downloads, sum(adjusted.bytes) AS bytes
    FROM usage_adjusted AS adjusted
    GROUP BY day, booked_day, requester_class, evidence_set
) AS usage
LEFT JOIN {{database}}.answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
    ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to;

-- Names of tokens as known at a time. A token's name is public: organisations give one to each team, and split their bill by it. A token
-- without a name of its own is one of (unnamed), so that its id is shown to nobody.
CREATE OR REPLACE VIEW token_team
(
    evidence_id String COMMENT 'The token''s id, which evidence sets carry',
    team String COMMENT 'Its name in the registry, such as ci; (unnamed): it has none'
)
COMMENT 'Names of tokens as they were known at a time: token_team(known_at = …)'
AS SELECT
    evidence_id,
    if(argMax(value, recorded_at) IN ('', evidence_id), '(unnamed)', argMax(value, recorded_at)) AS team
FROM (SELECT * FROM org_evidence FINAL WHERE kind = 'token' AND recorded_at <= {known_at:DateTime64(3, 'UTC')}) AS token
GROUP BY evidence_id;

-- Usage booked in a period, up to a day, with the party that answers for it: by one attribution, and by families as known at a time.
-- Reports and exports read it. It has late rows of earlier periods only on demand, because separate lines correct those periods.
CREATE OR REPLACE VIEW period_usage
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    rule_id LowCardinality(String) COMMENT 'Rule that gave the requester class (docs/METHODOLOGY.md)',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    party String COMMENT 'The family that answers, or why nobody does',
    kind LowCardinality(String) COMMENT 'billable, exempt, not_billable, unattributed',
    org_id String COMMENT 'The organisation that answers for the usage; empty: nobody does',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: nobody answers',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the network, where published; names no organisation',
    team String COMMENT 'Name of the token that the usage carried; empty: no token; (unnamed): a token without a name',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'Usage of a month, with the party that answers for it: period_usage(period = …, until = …, with_late = …, attribution_version = …, known_at = …, billable_tiers = […])'
AS SELECT
    usage.day AS day, usage.booked_day AS booked_day, usage.ecosystem AS ecosystem, usage.package AS package, usage.version AS version, usage.artifact AS artifact, usage.requester_class AS requester_class, usage.client AS client, usage.ci AS ci, usage.rule_id AS rule_id, usage.evidence_set AS evidence_set,
    if(answer.kind = 'unattributed', toString(answer.unattributed), answer.family_id) AS party,
    toString(answer.kind) AS kind,
    answer.org_id AS org_id,
    answer.tier AS tier,
    answer.platform AS platform,
    if(answer.tier = 'E1', token.team, '') AS team,
    usage.requests AS requests, usage.downloads AS downloads, usage.bytes AS bytes, usage.repeat_downloads AS repeat_downloads, usage.repeat_bytes AS repeat_bytes, usage.partials AS partials
FROM
(
    SELECT day, booked_day, ecosystem, package, version, artifact, requester_class, client, ci, rule_id, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes, partials
    FROM {{database}}.usage_adjusted_by(attribution_version = {attribution_version:String})
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date} AND (day >= toDate({period:String} || '-01') OR {with_late:Bool})
) AS usage
LEFT JOIN {{database}}.answering_party(attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, billable_tiers = {billable_tiers:Array(String)}) AS answer
    ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
LEFT JOIN {{database}}.token_team(known_at = {known_at:DateTime64(3, 'UTC')}) AS token ON token.evidence_id = answer.evidence_id;

CREATE OR REPLACE VIEW org_usage_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    org_id String COMMENT 'The organisation that answers for the usage; empty: nobody does',
    family_id String COMMENT 'Its legal family (itself, if the registry names none); empty: nobody answers',
    name String COMMENT 'Name of the organisation',
    tier LowCardinality(String) COMMENT 'Tier of the evidence that decided; empty: nobody answers',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'Usage of organisations by day'
AS SELECT
    usage.day AS day,
    usage.booked_day AS booked_day,
    usage.org_id AS org_id,
    usage.family_id AS family_id,
    org_current.name AS name,
    usage.tier AS tier,
    usage.ecosystem AS ecosystem,
    usage.requester_class AS requester_class,
    usage.client AS client,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM attributed_usage AS usage
LEFT JOIN org_current ON org_current.org_id = usage.org_id
WHERE usage.org_id != ''
GROUP BY day, booked_day, org_id, family_id, name, tier, ecosystem, requester_class, client;

-- Usage that no organisation answers for, in its four kinds. It is never billed.
CREATE OR REPLACE VIEW unattributed_usage_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    unattributed LowCardinality(String) COMMENT 'Why nobody answers: unknown, platform, negative, conflict; empty: an organisation does',
    platform LowCardinality(String) COMMENT 'Cloud or CI provider of the network, where published; names no organisation',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole; 0 on days of methodology 1. Usage that is moved by network takes none with it'
)
COMMENT 'Usage that no organisation answers for, by day and reason; never billed'
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
    sum(usage.repeat_bytes) AS repeat_bytes,
    sum(usage.partials) AS partials
FROM attributed_usage AS usage
WHERE unattributed != ''
GROUP BY day, booked_day, unattributed, platform, ecosystem, requester_class;

-- Share of a month's usage, by family or kind of unattributed usage. Months sum by booked_day.
CREATE OR REPLACE VIEW funding_share
(
    period String COMMENT 'YYYY-MM: the month in which the usage was booked',
    family_id String COMMENT 'Its legal family (itself, if the registry names none); empty: nobody answers',
    unattributed LowCardinality(String) COMMENT 'Why nobody answers: unknown, platform, negative, conflict; empty: an organisation does',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    requests_share Float64 COMMENT 'Share of all requests of the month',
    bytes_share Float64 COMMENT 'Share of all bytes of the month'
)
COMMENT 'Share of each month, by family or kind of unattributed usage'
AS SELECT
    formatDateTime(usage.booked_day, '%Y-%m') AS period,
    family_id,
    unattributed,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    requests / sum(requests) OVER (PARTITION BY period) AS requests_share,
    bytes / sum(bytes) OVER (PARTITION BY period) AS bytes_share
FROM attributed_usage AS usage
GROUP BY period, family_id, unattributed;
