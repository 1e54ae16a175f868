-- Counts for analysts, pages and dashboards, from tables that they do not see: no line, no address, no network.

CREATE OR REPLACE VIEW line_reasons
(
    source LowCardinality(String) COMMENT 'The configured source',
    day Date COMMENT 'Day of the last request of the batch, UTC; of the loading, if the batch has none',
    reason LowCardinality(String) COMMENT 'Why lines were excluded or could not be read (docs/FORMATS.md)',
    lines UInt64 COMMENT 'Lines of batches that count'
)
COMMENT 'Lines that are no requests, by reason'
AS
SELECT
    source,
    toDate(if(length(days) > 0, last_record_at, recorded_at)) AS day,
    entry.1 AS reason,
    sum(entry.2) AS lines
FROM ledger_current
ARRAY JOIN CAST(reasons AS Array(Tuple(LowCardinality(String), UInt64))) AS entry
WHERE state = 'loaded'
GROUP BY source, day, reason;

CREATE OR REPLACE VIEW request_peak
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    source LowCardinality(String) COMMENT 'The configured source',
    requests Int64 COMMENT 'Requests of the day',
    peak_requests Int64 COMMENT 'Requests of its busiest five minutes',
    peak_at DateTime('UTC') COMMENT 'Start of those five minutes'
)
COMMENT 'How busy each sealed day was; as long as request_rate is kept'
AS
SELECT
    day,
    source,
    sum(slot_requests) AS requests,
    max(slot_requests) AS peak_requests,
    argMax(slot, slot_requests) AS peak_at
FROM
(
    SELECT day, source, slot, sum(requests) AS slot_requests FROM request_rate GROUP BY day, source, slot
)
GROUP BY day, source
