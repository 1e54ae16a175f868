-- Usage by network: sealed days from the sealed table, other days from landing, never both. Restricted; 90 days.
CREATE OR REPLACE VIEW network_known
AS
SELECT day, booked_day, network, evidence_set, requester_class, requests, bytes
FROM network_daily
WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current)
UNION ALL
SELECT
    toDate(hour) AS day,
    day AS booked_day,
    network,
    evidence_set,
    requester_class,
    toInt64(sum(usage_batch.requests)) AS requests,
    toInt64(sum(usage_batch.bytes)) AS bytes
FROM usage_batch FINAL
WHERE _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current) -- the landing of sealed days is not read at all
    AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
GROUP BY day, network, evidence_set, requester_class;
