-- Requests that carried a nonce: by registry prefix, network and five minutes, from landing, with the batches that carried it; where
-- landing was dropped, from sealed rates.
SELECT evidence.token_id AS nonce_id, ifNull(evidence.prefix, '') AS prefix, rate.network AS network, rate.slot AS slot, arraySort(groupUniqArrayIf(toString(rate.batch), rate.batch IS NOT NULL)) AS batches
FROM
(
    SELECT slot, evidence_set, network, CAST(NULL AS Nullable(UUID)) AS batch
    FROM request_rate
    WHERE evidence_set IN (SELECT id FROM evidence_set WHERE has({nonces:Array(String)}, ifNull(token_id, '')))
        AND (day, booked_day) IN (SELECT day, booked_day FROM seal_current WHERE state = 'dropped') -- landing knows which logs still count
    UNION DISTINCT
    SELECT slot, evidence_set, network, CAST(batch_id AS Nullable(UUID)) AS batch
    FROM rate_batch
    WHERE evidence_set IN (SELECT id FROM evidence_set WHERE has({nonces:Array(String)}, ifNull(token_id, '')))
        AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
) AS rate
INNER JOIN (SELECT * FROM evidence_set FINAL) AS evidence ON evidence.id = rate.evidence_set
GROUP BY nonce_id, prefix, network, slot
ORDER BY nonce_id, slot, prefix, network
