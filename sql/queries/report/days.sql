-- Usage by the day it was booked on: attributed, and each kind of unattributed.
WITH usage AS
(
    {{usage}}
)
SELECT
    usage.booked_day AS day,
    if(usage.kind = 'unattributed', usage.party, 'attributed') AS series,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM usage
GROUP BY day, series
ORDER BY day, series
SETTINGS join_use_nulls = 0
