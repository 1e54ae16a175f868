-- Packages whose name contains a text, those that begin with it first, then by downloads.
SELECT ecosystem, package, sum(downloads_by_day.downloads) AS downloads
FROM downloads_by_day
WHERE day >= {from:Date} AND day <= {to:Date} AND positionCaseInsensitiveUTF8(package, {text:String}) > 0
GROUP BY ecosystem, package
ORDER BY startsWith(lowerUTF8(package), lowerUTF8({text:String})) DESC, downloads DESC, ecosystem, package
LIMIT 20
