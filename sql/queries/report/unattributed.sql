-- What no organisation answers for: why, and on whose network where that is published.
WITH usage AS
(
    {{usage}}
)
SELECT
    usage.party AS reason,
    usage.platform AS platform,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM usage
WHERE usage.kind = 'unattributed'
GROUP BY reason, platform
ORDER BY bytes DESC, requests DESC, reason, platform
SETTINGS join_use_nulls = 0
