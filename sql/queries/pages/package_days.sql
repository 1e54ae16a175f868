-- Downloads of one package by day, without the audiences that are left out: mirror, bot, ci.
SELECT day, sum(client_usage.downloads) AS downloads, sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE ecosystem = {ecosystem:String} AND package = {package:String} AND day >= {from:Date} AND day <= {to:Date} AND audience NOT IN {without:Array(String)}
GROUP BY day
ORDER BY day
