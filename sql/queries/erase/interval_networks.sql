-- Stores the inputs of intervals under the replaced network. It can be repeated: equal rows collapse.
INSERT INTO interval_input
SELECT * REPLACE (list.pseudonym AS prefix)
EXCEPT (listed, pseudonym)
FROM (SELECT * FROM interval_input FINAL WHERE prefix IN (SELECT network FROM erasure_network)) AS input
INNER JOIN (SELECT network AS listed, pseudonym FROM erasure_network FINAL) AS list ON list.listed = input.prefix
SETTINGS async_insert = 0, deduplicate_insert = 'disable'
