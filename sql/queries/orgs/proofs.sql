-- Every issued nonce, and where it was seen; '' if it has proven nothing yet. is_withdrawn: none of the batches that carried it counts
-- any more, because their log was taken back.
SELECT
    nonce.nonce_id AS nonce_id,
    nonce.evidence_id AS evidence_id,
    nonce.org_id AS org_id,
    nonce.cidr AS cidr,
    issued_at,
    valid_until,
    seen.prefix AS seen_prefix,
    if(seen.nonce_id = '', '', toString(seen.occurred_at)) AS occurred_at,
    if(seen.nonce_id = '', '', toString(seen.expires_on)) AS expires_on,
    notEmpty(seen.batches) AND NOT hasAny(seen.batches, (SELECT groupArray(batch_id) FROM ledger_current WHERE state = 'loaded' AND batch_id IN (SELECT arrayJoin(batches) FROM proof_seen))) AS is_withdrawn
FROM (SELECT * FROM proof_nonce FINAL) AS nonce
LEFT JOIN (SELECT * FROM proof_seen FINAL) AS seen ON seen.nonce_id = nonce.nonce_id
ORDER BY org_id, evidence_id, issued_at
