-- The batches that hold requests of a day, what the ledger says they hold, and what landing holds of them.
WITH
    listed AS
    (
        SELECT batch_id, revision, methodology_version, indexOf(days, {day:Date}) AS at, day_requests[at] AS requests, day_downloads[at] AS downloads, day_bytes[at] AS bytes
        FROM ledger_current
        WHERE state = 'loaded' AND has(days, {day:Date})
    ),
    landed AS
    (
        SELECT batch_id, sum(usage_batch.requests) AS requests, sum(usage_batch.downloads) AS downloads, sum(usage_batch.bytes) AS bytes
        FROM usage_batch FINAL
        WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT batch_id FROM listed)
        GROUP BY batch_id
    )
SELECT
    listed.batch_id AS batch_id,
    listed.revision AS revision,
    listed.methodology_version AS methodology_version,
    listed.requests AS requests,
    listed.downloads AS downloads,
    listed.bytes AS bytes,
    listed.requests = ifNull(landed.requests, 0) AND listed.downloads = ifNull(landed.downloads, 0) AND listed.bytes = ifNull(landed.bytes, 0) AS landed
FROM listed
LEFT JOIN landed ON landed.batch_id = listed.batch_id
ORDER BY batch_id
