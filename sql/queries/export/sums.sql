-- What an export of usage holds: checked before and after its files are written.
WITH usage AS
(
    {{usage}}
)
SELECT
    count() AS rows,
    sum(exported.requests) AS requests,
    sum(exported.bytes) AS bytes
FROM
(
    SELECT
        sum(usage.requests) AS requests,
        sum(usage.bytes) AS bytes
    FROM usage
    WHERE has({orgs:Array(String)}, usage.org_id)
    GROUP BY usage.day, usage.booked_day, usage.org_id, usage.ecosystem, usage.package, usage.version, usage.artifact, usage.requester_class, usage.client, usage.ci, usage.tier
) AS exported
SETTINGS join_use_nulls = 0
