-- The latest revision, and the rules that it was published for: more than one where two workers took one number.
SELECT revision, groupUniqArray(rules_sha256) AS contents
FROM revision
GROUP BY revision
ORDER BY revision DESC
LIMIT 1
