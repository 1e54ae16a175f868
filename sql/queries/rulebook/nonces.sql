-- Nonces that were handed out. They are found as tokens are.
SELECT nonce_id, secret_sha256
FROM proof_nonce FINAL
ORDER BY nonce_id
