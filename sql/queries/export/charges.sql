-- Usage of organisations by what its charges depend on.
WITH usage AS
(
    {{usage}}
)
SELECT
    usage.org_id AS org_id,
    usage.requester_class AS requester_class,
    usage.tier AS tier,
    usage.kind AS kind,
    sum(usage.requests) AS requests,
    sum(usage.bytes) AS bytes
FROM usage
WHERE has({orgs:Array(String)}, usage.org_id)
GROUP BY org_id, requester_class, tier, kind
ORDER BY org_id, requester_class, tier, kind
SETTINGS join_use_nulls = 0
