-- Downloads by week and ecosystem.
SELECT week, ecosystem, sum(downloads_by_week.downloads) AS downloads
FROM downloads_by_week
GROUP BY week, ecosystem
ORDER BY week, ecosystem
