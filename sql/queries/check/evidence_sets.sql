-- Ids that two or more evidence sets share.
SELECT id, uniqExact(token_id, prefix, range_id, asn, network_type) AS sets
FROM evidence_set
GROUP BY id
HAVING sets > 1
LIMIT 100
