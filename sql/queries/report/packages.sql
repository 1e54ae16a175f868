-- The packages that cause the most bytes.
WITH usage AS
(
    {{usage}}
)
SELECT
    usage.ecosystem AS ecosystem,
    usage.package AS package,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM usage
WHERE usage.package != ''
GROUP BY ecosystem, package
ORDER BY bytes DESC, requests DESC, ecosystem, package
LIMIT {top:UInt32}
SETTINGS join_use_nulls = 0
