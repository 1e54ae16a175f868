-- Usage by network: sealed days from the sealed table, other days from landing, never both. Restricted; 90 days.
CREATE OR REPLACE VIEW network_known
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    network String COMMENT 'The /24 or /48 of the address in CIDR notation; empty: not known',
    evidence_set UInt64 COMMENT 'What is known of whom the requests belong to; see evidence_set',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests (docs/METHODOLOGY.md)',
    requests Int64 COMMENT 'Requests; negative rows take back',
    bytes Int64 COMMENT 'Bytes sent by the edge'
)
COMMENT 'Usage by network: sealed days, and what is loaded of the others; restricted, 90 days'
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
