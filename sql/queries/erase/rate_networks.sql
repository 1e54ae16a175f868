-- Stores landing's rates under the replaced network, too: their bucket follows from it and is in the key, so it cannot be updated. It can
-- be repeated: equal rows collapse.
INSERT INTO rate_batch
SELECT * REPLACE (list.pseudonym AS network)
EXCEPT (listed, pseudonym)
FROM (SELECT * FROM rate_batch FINAL WHERE network IN (SELECT network FROM erasure_network)) AS rate
INNER JOIN (SELECT network AS listed, pseudonym FROM erasure_network FINAL) AS list ON list.listed = rate.network
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
