-- How far each source has come.
CREATE OR REPLACE VIEW freshness
AS SELECT
    source,
    count() AS batches,
    sum(lines) AS lines,
    max(last_record_at) AS last_record_at,
    max(arrayMax(days)) AS last_day,
    max(recorded_at) AS loaded_at,
    (SELECT max(day) FROM seal_current) AS last_sealed_day
FROM ledger_current
WHERE state = 'loaded'
GROUP BY source;
