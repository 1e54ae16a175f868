-- Usage by one dimension: requester_class, ecosystem, client or ci (empty: not known). The largest by bytes.
WITH usage AS
(
    {{usage}}
)
SELECT
    ifNull(toString({dimension:Identifier}), '') AS value,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes,
    sumIf(usage.bytes, usage.kind != 'unattributed') AS attributed_bytes
FROM usage
GROUP BY value
ORDER BY bytes DESC, requests DESC, value
LIMIT {top:UInt32}
SETTINGS join_use_nulls = 0
