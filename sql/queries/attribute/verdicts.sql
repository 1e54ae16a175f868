-- Decides which organisation each evidence set means, or why none: strongest tier, then longest prefix; if two organisations
-- are equal in both, it is a conflict. Published clouds (P) and eyeball networks (N) veto E4–E7, never E1–E3.
INSERT INTO evidence_verdict
WITH
    toDate('2000-01-01') AS first_day,
    toDate('2149-06-06') AS end_of_days,
    -- evidence as known at that time
    active AS
    (
        SELECT evidence_id, org_id, tier, kind, value, valid_from, if(valid_to IS NULL, end_of_days, assumeNotNull(valid_to) + 1) AS valid_end, recorded_at
        FROM org_evidence FINAL
        WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}
    ),
    -- IPv4 as IPv4-mapped IPv6, so that one length and one base define every prefix
    active_prefix AS
    (
        SELECT *, toUInt8(toUInt8(splitByChar('/', value)[2]) + if(position(value, ':') = 0, 96, 0)) AS length, tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', value)[1]), length), 1) AS base
        FROM active
        WHERE kind = 'cidr'
    ),
    -- lengths of declared prefixes: no other length can match
    lengths AS (SELECT groupUniqArray(length) FROM active_prefix),
    -- every prefix of evidence sets, with each wider (or equal) prefix that evidence could name
    wider AS
    (
        SELECT prefix, length, tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', prefix)[1]), length), 1) AS base
        FROM
        (
            SELECT DISTINCT assumeNotNull(evidence_set.prefix) AS prefix, toUInt8(toUInt8(splitByChar('/', prefix)[2]) + if(position(prefix, ':') = 0, 96, 0)) AS own_length
            FROM evidence_set FINAL
            WHERE evidence_set.prefix IS NOT NULL
        )
        ARRAY JOIN arrayFilter(candidate -> candidate <= own_length, (SELECT * FROM lengths)) AS length
    ),
    -- the evidence that matches each prefix of evidence sets
    prefix_candidate AS
    (
        SELECT wider.prefix AS prefix, active_prefix.length AS specificity, tier, org_id, evidence_id, valid_from, valid_end, recorded_at
        FROM wider
        INNER JOIN active_prefix ON active_prefix.base = wider.base AND active_prefix.length = wider.length
    ),
    -- every claim to an evidence set: by a token, a prefix or an AS number
    candidate AS
    (
        SELECT evidence_set.id AS id, 255 AS specificity, tier, org_id, evidence_id, valid_from, valid_end, recorded_at
        FROM evidence_set FINAL
        INNER JOIN active ON active.evidence_id = evidence_set.token_id
        WHERE active.kind = 'token'
        UNION ALL
        SELECT evidence_set.id AS id, specificity, tier, org_id, evidence_id, valid_from, valid_end, recorded_at
        FROM evidence_set FINAL
        INNER JOIN prefix_candidate ON prefix_candidate.prefix = evidence_set.prefix
        UNION ALL
        SELECT evidence_set.id AS id, 0 AS specificity, tier, org_id, evidence_id, valid_from, valid_end, recorded_at
        FROM evidence_set FINAL
        INNER JOIN active ON toUInt32OrZero(active.value) = evidence_set.asn
        WHERE active.kind = 'asn'
    ),
    -- the claims to each evidence set
    candidates AS
    (
        SELECT id, groupArray((tier, specificity, org_id, evidence_id, valid_from, valid_end, recorded_at)) AS claims
        FROM candidate
        GROUP BY id
    ),
    -- the claim that wins, for each span of days in which the claims stay the same
    judged AS
    (
        SELECT
            evidence_set.id AS id,
            candidates.claims AS claims,
            evidence_set.range_id AS range_id,
            evidence_set.network_type AS network_type,
            arraySort(arrayDistinct(arrayConcat([first_day], arrayMap(claim -> claim.5, claims), arrayMap(claim -> claim.6, claims)))) AS bounds,
            arrayJoin(arrayFilter(bound -> bound < end_of_days, bounds)) AS slice_from,
            arrayElement(arrayConcat(arrayFilter(bound -> bound > slice_from, bounds), [end_of_days]), 1) AS slice_to,
            arrayFilter(claim -> claim.5 <= slice_from AND claim.6 > slice_from, claims) AS live,
            range_id IS NOT NULL OR ifNull(network_type, '') IN ('cloud', 'ci', 'hosting') AS on_platform,
            ifNull(network_type, '') IN ('isp', 'mobile', 'vpn', 'cgnat', 'tor') OR arrayExists(claim -> claim.1 = 'N', live) AS negative,
            arrayFilter(claim -> claim.1 IN ('E1', 'E2', 'E3') OR (claim.1 IN ('E4', 'E5', 'E6') AND NOT on_platform AND NOT negative), live) AS eligible,
            arrayMin(arrayMap(claim -> toString(claim.1), eligible)) AS best_tier,
            arrayMax(arrayMap(claim -> if(claim.1 = best_tier, claim.2, 0), eligible)) AS best_specificity,
            -- latest observation first, then the lowest id
            arraySort(claim -> (-toUnixTimestamp64Milli(claim.7), claim.4), arrayFilter(claim -> claim.1 = best_tier AND claim.2 = best_specificity, eligible)) AS winners,
            arrayDistinct(arrayMap(claim -> claim.3, winners)) AS organisations,
            -- the verdict without the token: it measures E4–E6
            arrayFilter(claim -> claim.2 != 255, eligible) AS hidden_eligible,
            arrayMin(arrayMap(claim -> toString(claim.1), hidden_eligible)) AS hidden_tier,
            arrayMax(arrayMap(claim -> if(claim.1 = hidden_tier, claim.2, 0), hidden_eligible)) AS hidden_specificity,
            arraySort(claim -> (-toUnixTimestamp64Milli(claim.7), claim.4), arrayFilter(claim -> claim.1 = hidden_tier AND claim.2 = hidden_specificity, hidden_eligible)) AS hidden_winners,
            best_tier = 'E1' AND best_specificity = 255 AND hidden_tier IN ('E4', 'E5', 'E6') AND length(arrayDistinct(arrayMap(claim -> claim.3, hidden_winners))) = 1 AS is_measured
        FROM evidence_set FINAL
        LEFT JOIN candidates ON candidates.id = evidence_set.id
    )
SELECT
    {attribution_version:String},
    id,
    slice_from,
    slice_to,
    if(length(organisations) = 1, organisations[1], NULL),
    if(length(organisations) = 1, best_tier, ''),
    if(length(organisations) = 1, winners[1].4, ''),
    multiIf(length(organisations) = 1, '', length(organisations) > 1, 'conflict', on_platform, 'platform', negative, 'negative', 'unknown'),
    multiIf(range_id IS NOT NULL, splitByChar(':', assumeNotNull(range_id))[1], on_platform, toString(ifNull(network_type, '')), ''),
    if(is_measured, hidden_winners[1].3, ''),
    if(is_measured, hidden_tier, ''),
    if(is_measured, hidden_winners[1].4, '')
FROM judged
