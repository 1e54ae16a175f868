-- All usage of the period, and what is known of it. One row.
WITH usage AS
(
    {{usage}}
)
SELECT
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sumIf(usage.requests, usage.kind != 'unattributed') AS attributed_requests,
    sumIf(usage.bytes, usage.kind != 'unattributed') AS attributed_bytes,
    sumIf(usage.requests, usage.requester_class = 'unknown') AS unknown_class_requests,
    sumIf(usage.bytes, usage.requester_class = 'unknown') AS unknown_class_bytes
FROM usage
SETTINGS join_use_nulls = 0
