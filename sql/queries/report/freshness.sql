-- How far each source is loaded, and its lines by outcome: lines = requests + excluded + quarantined. `reasons` says why lines are no
-- requests, and `degraded` which requests have a field in doubt: one with several such fields counts under each.
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
    ledger.bytes_unknown AS bytes_unknown,
    ledger.degraded_requests AS degraded_requests,
    ledger.reasons AS reasons,
    ledger.degraded AS degraded
FROM freshness
LEFT JOIN
(
    SELECT
        source,
        sum(batch.requests) AS requests,
        sum(batch.excluded) AS excluded,
        sum(batch.quarantined) AS quarantined,
        sum(batch.bytes_unknown) AS bytes_unknown,
        sum(batch.degraded_requests) AS degraded_requests,
        sumMap(batch.reasons) AS reasons,
        sumMap(batch.degraded) AS degraded
    FROM ledger_current AS batch
    WHERE state = 'loaded'
    GROUP BY source
) AS ledger ON ledger.source = freshness.source
ORDER BY source
