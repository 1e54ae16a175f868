-- Bytes of each kind of program, and their share.
SELECT requester_class, sum(usage_known.bytes) AS bytes, round(100 * bytes / sum(bytes) OVER (), 1) AS percent
FROM usage_known
GROUP BY requester_class
ORDER BY bytes DESC
