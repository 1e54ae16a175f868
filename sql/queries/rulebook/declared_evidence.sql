-- Active evidence that a request is matched with while it is read: ranges and tokens.
SELECT evidence_id, kind, value, secret_sha256
FROM org_evidence FINAL
WHERE state = 0 AND kind IN ('cidr', 'token')
ORDER BY kind, value, evidence_id
