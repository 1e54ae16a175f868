-- The evidence that was active, as known at a time.
SELECT evidence_id, org_id, tier, kind, value, secret_sha256, valid_from, valid_to
FROM org_evidence FINAL
WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}
ORDER BY evidence_id, recorded_at
