-- Packages with most downloads
-- table short
SELECT ecosystem, package, sum(usage_known.downloads) AS downloads, sum(usage_known.bytes) AS bytes
FROM usage_known
WHERE $__dateFilter(day) AND package != ''
GROUP BY ecosystem, package
ORDER BY downloads DESC, ecosystem, package
LIMIT 20
