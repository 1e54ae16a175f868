-- Evidence near candidates: ranges in the same /16 (IPv6: /32), or the same AS number, with the days on which they applied. Evidence that
-- has ended or was retracted is named too, because its organisation may still have the network. scripts/orgs/near.ts orders it.
WITH
    -- declared ranges, by their block of /16 or /32
    ranges AS
    (
        SELECT org_id, value, valid_from, valid_to, state, retracted_at, tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', value)[1]), toUInt8(if(position(value, ':') = 0, 112, 32))), 1) AS block
        FROM org_evidence FINAL
        WHERE kind = 'cidr' AND tier != 'N'
    ),
    -- the candidates, by the same blocks
    wanted AS
    (
        SELECT
            arrayJoin({candidates:Array(String)}) AS candidate,
            tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', candidate)[1]), toUInt8(if(position(candidate, ':') = 0, 112, 32))), 1) AS block
    ),
    -- evidence near a candidate
    found AS
    (
        SELECT candidate, org_id, value, valid_from, valid_to, state, retracted_at
        FROM wanted
        INNER JOIN ranges ON ranges.block = wanted.block
        UNION ALL
        SELECT 'AS' || org_evidence.value AS candidate, org_id, 'AS' || org_evidence.value AS value, valid_from, valid_to, state, retracted_at
        FROM org_evidence FINAL
        WHERE kind = 'asn' AND tier != 'N' AND has({asns:Array(String)}, org_evidence.value)
    )
SELECT
    found.candidate AS candidate,
    found.org_id AS org_id,
    org_current.name AS name,
    found.value AS value,
    toString(found.valid_from) AS valid_from,
    ifNull(toString(found.valid_to), '') AS valid_to,
    if(found.state = 1, toString(toDate(found.retracted_at)), '') AS retracted_on
FROM found
LEFT JOIN org_current ON org_current.org_id = found.org_id
ORDER BY candidate, org_id, value, valid_from, valid_to, retracted_on
