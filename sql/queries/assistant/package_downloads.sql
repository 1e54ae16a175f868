-- Downloads of one package by day, with the parts of mirrors, bots and CI.
SELECT day, sum(downloads) AS all_downloads, sum(mirror_downloads) AS mirrors, sum(bot_downloads) AS bots, sum(ci_downloads) AS ci
FROM downloads_by_day
WHERE ecosystem = {ecosystem:String} AND package = {package:String} AND day >= {from:Date} AND day <= {to:Date}
GROUP BY day
ORDER BY day
