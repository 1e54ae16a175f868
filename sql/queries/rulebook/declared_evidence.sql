-- Active evidence that requests are matched with while they are read: ranges and tokens.
SELECT evidence_id, kind, value, secret_sha256
FROM org_evidence FINAL
WHERE state = 0 AND kind IN ('cidr', 'token')
ORDER BY kind, value, evidence_id
