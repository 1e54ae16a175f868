-- Sealed days of a range, each with its methodology. A day that is missing here may still change.
SELECT day, min(seal_current.methodology_version) AS methodology_version, max(seal_current.sealed_at) AS sealed_at, sum(seal_current.requests) AS requests, sum(seal_current.downloads) AS downloads, sum(seal_current.bytes) AS bytes
FROM seal_current
WHERE day >= {from:Date} AND day <= {to:Date}
GROUP BY day
ORDER BY day
