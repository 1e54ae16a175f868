-- Usage as the allocation takes it: this must be what allocation_input holds of the run. Repeats: what a cache would have saved.
WITH usage AS
(
    {{usage}}
)
SELECT
    usage.party AS party,
    usage.kind AS kind,
    usage.requester_class AS requester_class,
    usage.tier AS tier,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM usage
GROUP BY party, kind, requester_class, tier
ORDER BY kind, party, requester_class, tier
SETTINGS join_use_nulls = 0
