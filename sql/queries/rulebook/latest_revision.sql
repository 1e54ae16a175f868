-- The latest revision, and the rules that were published under it: several if two workers took the same number.
SELECT revision, groupUniqArray(rules_sha256) AS contents
FROM revision
GROUP BY revision
ORDER BY revision DESC
LIMIT 1
