-- The packages that cause the most bytes of a family (of each where none is named).
WITH usage AS
(
    {{usage}}
)
SELECT
    usage.party AS family,
    usage.ecosystem AS ecosystem,
    usage.package AS package,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM usage
WHERE usage.kind != 'unattributed' AND ({family:String} = '' OR usage.party = {family:String}) AND usage.package != ''
GROUP BY family, ecosystem, package
ORDER BY family, bytes DESC, requests DESC, ecosystem, package
LIMIT {top:UInt32} BY family
SETTINGS join_use_nulls = 0
