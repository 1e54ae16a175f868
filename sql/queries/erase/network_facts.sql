-- Facts of the registry and of ingest that lie within a network, by table, with the key of each.
SELECT 'org_evidence' AS table, evidence_id AS key, state = 0 AND retracted_at > now64() AS in_force
FROM org_evidence FINAL
WHERE kind = 'cidr' AND isIPAddressInRange(splitByChar('/', value)[1], {cidr:String}) AND toUInt8(splitByChar('/', value)[2]) >= {length:UInt8}
UNION ALL
SELECT 'proof_nonce' AS table, nonce_id AS key, false AS in_force
FROM proof_nonce
WHERE isIPAddressInRange(splitByChar('/', cidr)[1], {cidr:String}) AND toUInt8(splitByChar('/', cidr)[2]) >= {length:UInt8}
UNION ALL
SELECT 'proof_seen' AS table, nonce_id AS key, false AS in_force
FROM proof_seen
WHERE isIPAddressInRange(splitByChar('/', cidr)[1], {cidr:String}) AND toUInt8(splitByChar('/', cidr)[2]) >= {length:UInt8}
UNION ALL
SELECT 'evidence_set' AS table, toString(id) AS key, false AS in_force
FROM evidence_set
WHERE prefix IS NOT NULL AND isIPAddressInRange(splitByChar('/', assumeNotNull(prefix))[1], {cidr:String})
    AND toUInt8(splitByChar('/', assumeNotNull(prefix))[2]) >= {length:UInt8}
