-- Ids that stand for more than one evidence set.
SELECT id, uniqExact(token_id, prefix, range_id, asn, network_type) AS sets
FROM evidence_set
GROUP BY id
HAVING sets > 1
LIMIT 100
