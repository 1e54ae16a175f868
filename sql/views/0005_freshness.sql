-- How far each source has come; NULL: nowhere yet.
CREATE OR REPLACE VIEW freshness
AS SELECT
    source,
    count() AS batches,
    sum(lines) AS lines,
    nullIf(max(ledger_current.last_record_at), toDateTime64(0, 3, 'UTC')) AS last_record_at,
    nullIf(max(arrayMax(days)), toDate(0)) AS last_day,
    max(recorded_at) AS loaded_at,
    (SELECT maxOrNull(day) FROM seal_current) AS last_sealed_day
FROM ledger_current
WHERE state = 'loaded'
GROUP BY source;
