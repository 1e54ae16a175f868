-- The batches with requests of a day, their sums in the ledger, and how landing compares: all rows are there (0), some rows twice,
-- which FINAL collapses (1: a repeated load stored them again), or rows are missing (-1).
WITH
    -- by the ledger
    listed AS
    (
        SELECT batch_id, source, revision, methodology_version, usage_rows, indexOf(days, {day:Date}) AS at, day_requests[at] AS requests, day_downloads[at] AS downloads, day_partials[at] AS partials, day_bytes[at] AS bytes
        FROM ledger_current
        WHERE state = 'loaded' AND has(days, {day:Date})
    ),
    -- rows in usage_batch
    landed AS
    (
        SELECT batch_id, sum(usage_batch.requests) AS landed_requests, sum(usage_batch.downloads) AS landed_downloads, sum(usage_batch.partials) AS landed_partials, sum(usage_batch.bytes) AS landed_bytes
        FROM usage_batch {{final}}
        WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT batch_id FROM listed)
        GROUP BY batch_id
    ),
    -- rows in rate_batch
    rated AS
    (
        SELECT batch_id, sum(rate_batch.requests) AS rated_requests, sum(rate_batch.bytes) AS rated_bytes
        FROM rate_batch {{final}}
        WHERE toYYYYMMDD(slot) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT batch_id FROM listed)
        GROUP BY batch_id
    )
SELECT
    listed.batch_id AS batch_id,
    listed.source AS source,
    listed.revision AS revision,
    listed.methodology_version AS methodology_version,
    listed.requests AS requests,
    listed.downloads AS downloads,
    listed.partials AS partials,
    listed.bytes AS bytes,
    listed.usage_rows AS usage_rows,
    toInt8(multiIf(
        landed_requests < requests OR rated_requests < requests, -1,
        (landed_requests, landed_downloads, landed_partials, landed_bytes, rated_requests, rated_bytes) = (requests, downloads, partials, bytes, requests, bytes), 0,
        1)) AS landed
FROM listed
LEFT JOIN landed USING (batch_id)
LEFT JOIN rated USING (batch_id)
ORDER BY batch_id
