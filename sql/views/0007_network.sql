-- Usage by network: sealed days from the sealed table, other days from landing, never both. Restricted; kept 90 days.
CREATE OR REPLACE VIEW network_known
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    network String COMMENT 'The /24 or /48 of the address in CIDR notation; empty: not known',
    evidence_set UInt64 COMMENT 'Number of the evidence set of these requests; see evidence_set',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    bytes Int64 COMMENT 'Bytes sent by the edge'
)
COMMENT 'Usage by network: sealed days from the sealed table, other days from landing; restricted, kept 90 days'
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
WHERE _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current) -- skips the landing of sealed days
    AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
GROUP BY day, network, evidence_set, requester_class;
