-- Issued nonces. Requests are matched with them in the same way as with tokens.
SELECT nonce_id, secret_sha256
FROM proof_nonce FINAL
ORDER BY nonce_id
