-- Moves usage to ranges (/24, /48 or wider) that were declared after their traffic was read, on days whose networks are stored.
-- Evidence sets contain only the prefixes of their time. So each network's later evidence is judged against the verdict of its
-- sets, by the same rules (strongest tier, then longest prefix). Conflicts stay conflicts. Evidence that was recorded before
-- {first_read_at} was known when the stored traffic was read.
INSERT INTO usage_move
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
    -- the usage of stored networks, in bookings that count
    sealed AS
    (
        SELECT day, booked_day, ecosystem, requester_class, client, network, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes
        FROM network_daily
        WHERE network != '' AND (day, booked_day) IN (SELECT day, booked_day FROM seal_current)
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
    ),
    -- the usage that moves to the organisation of the winner
    moved AS
    (
        SELECT sealed.day AS day, sealed.booked_day AS booked_day, sealed.ecosystem AS ecosystem, sealed.requester_class AS requester_class, sealed.client AS client,
            sealed.evidence_set AS from_set, winner.winners[1].3 AS to_org, winner.winners[1].1 AS to_tier, winner.winners[1].4 AS to_id,
            sealed.requests AS requests, sealed.downloads AS downloads, sealed.bytes AS bytes, sealed.repeat_downloads AS repeat_downloads, sealed.repeat_bytes AS repeat_bytes
        FROM sealed
        INNER JOIN winner ON winner.day = sealed.day AND winner.network = sealed.network AND winner.evidence_set = sealed.evidence_set
        WHERE sealed.network IN (SELECT network FROM declared)
    )
SELECT
    {attribution_version:String},
    {computed_at:DateTime64(3, 'UTC')},
    day, booked_day, ecosystem, requester_class, client, moved_set, moved_org, moved_tier, moved_id,
    sum(sign * requests), sum(sign * downloads), sum(sign * bytes), sum(sign * repeat_downloads), sum(sign * repeat_bytes)
FROM
(
    SELECT *, -1 AS sign, from_set AS moved_set, '' AS moved_org, '' AS moved_tier, '' AS moved_id FROM moved
    UNION ALL
    SELECT *, 1 AS sign, cityHash64('declared', to_org, to_tier, to_id) AS moved_set, to_org AS moved_org, toString(to_tier) AS moved_tier, to_id AS moved_id FROM moved
)
GROUP BY day, booked_day, ecosystem, requester_class, client, moved_set, moved_org, moved_tier, moved_id
UNION ALL
SELECT DISTINCT {attribution_version:String}, {computed_at:DateTime64(3, 'UTC')}, day, booked_day, '', '', '', 0, '', '', '', 0, 0, 0, 0, 0
FROM sealed
