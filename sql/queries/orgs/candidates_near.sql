-- Organisations with evidence near candidates: a range in the same /16 (IPv6: /32), or the same AS number.
WITH
    -- declared ranges, by their block of /16 or /32
    ranges AS
    (
        SELECT org_id, value, tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', value)[1]), toUInt8(if(position(value, ':') = 0, 112, 32))), 1) AS block
        FROM org_evidence FINAL
        WHERE state = 0 AND kind = 'cidr' AND tier != 'N'
    ),
    -- the candidates, by the same blocks
    wanted AS
    (
        SELECT
            arrayJoin({candidates:Array(String)}) AS candidate,
            tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', candidate)[1]), toUInt8(if(position(candidate, ':') = 0, 112, 32))), 1) AS block
    ),
    -- organisations near a candidate, with the reason
    found AS
    (
        SELECT candidate, org_id, 'range ' || value AS why
        FROM wanted
        INNER JOIN ranges ON ranges.block = wanted.block
        UNION ALL
        SELECT 'AS' || value AS candidate, org_id, 'AS' || value AS why
        FROM org_evidence FINAL
        WHERE state = 0 AND kind = 'asn' AND tier != 'N' AND has({asns:Array(String)}, value)
    )
SELECT found.candidate AS candidate, found.org_id AS org_id, any(org_current.name) AS name, arraySlice(arraySort(groupUniqArray(found.why)), 1, 3) AS why
FROM found
LEFT JOIN org_current ON org_current.org_id = found.org_id
GROUP BY candidate, org_id
ORDER BY candidate, org_id
LIMIT 5 BY candidate
