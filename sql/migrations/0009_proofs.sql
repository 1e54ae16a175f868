-- Proofs of declared ranges: a nonce is handed out, a request from the range carries it as a token would be, and what was
-- seen of it is kept, for aggregation would lose it (docs/FUNDING.md, "Proving a range").

CREATE TABLE IF NOT EXISTS proof_nonce
(
    nonce_id String COMMENT 'Public id; evidence sets carry it as token_id',
    secret_sha256 String COMMENT 'Hash by which the worker knows the nonce; never the nonce',
    evidence_id String COMMENT 'The declared range, see org_evidence',
    org_id String COMMENT 'Who declared it',
    cidr String COMMENT 'The range, canonical',
    issued_at DateTime64(3, 'UTC') COMMENT 'Requests before count for nothing',
    valid_until DateTime64(3, 'UTC') COMMENT 'Requests after count for nothing'
)
ENGINE = ReplacingMergeTree
ORDER BY nonce_id
COMMENT 'Nonces by which organisations prove declared ranges';

CREATE TABLE IF NOT EXISTS proof_seen
(
    nonce_id String COMMENT 'See proof_nonce',
    evidence_id String COMMENT 'The declared range, see org_evidence',
    org_id String COMMENT 'Who declared it',
    cidr String COMMENT 'The range, canonical',
    prefix String COMMENT 'Registry prefix, within the range, that the request came from',
    occurred_at DateTime('UTC') COMMENT 'Start of the five minutes in which it was made',
    expires_on Date COMMENT 'Last day on which the proof holds',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When it was found in the logs'
)
ENGINE = ReplacingMergeTree
ORDER BY nonce_id
COMMENT 'Proofs that declared ranges are their organisations'''
