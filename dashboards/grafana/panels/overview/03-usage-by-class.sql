-- Usage by class, with its share of bytes
-- table short
SELECT requester_class, sum(usage_known.requests) AS requests, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes,
    round(100 * bytes / sum(bytes) OVER (), 2) AS bytes_percent
FROM usage_known
WHERE $__dateFilter(day)
GROUP BY requester_class
ORDER BY bytes DESC
