-- Packages that rise.
SELECT ecosystem, package, downloads, previous_downloads, rise
FROM top_risers
ORDER BY rise DESC
LIMIT 20
