-- How far each source is loaded, and its lines by outcome: lines = requests + excluded + quarantined.
SELECT
    freshness.source AS source,
    freshness.last_record_at AS last_record_at,
    freshness.last_day AS last_day,
    freshness.loaded_at AS loaded_at,
    freshness.last_sealed_day AS last_sealed_day,
    freshness.lines AS lines,
    ledger.requests AS requests,
    ledger.excluded AS excluded,
    ledger.quarantined AS quarantined,
    ledger.bytes_unknown AS bytes_unknown
FROM freshness
LEFT JOIN
(
    SELECT
        source,
        sum(batch.requests) AS requests,
        sum(batch.excluded) AS excluded,
        sum(batch.quarantined) AS quarantined,
        sum(batch.bytes_unknown) AS bytes_unknown
    FROM ledger_current AS batch
    WHERE state = 'loaded'
    GROUP BY source
) AS ledger ON ledger.source = freshness.source
ORDER BY source
