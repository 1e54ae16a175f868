-- Downloads of one package by one dimension of client_usage, without the audiences that are left out.
SELECT toString({dimension:Identifier}) AS value, sum(client_usage.downloads) AS downloads, sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE ecosystem = {ecosystem:String} AND package = {package:String} AND day >= {from:Date} AND day <= {to:Date} AND audience NOT IN {without:Array(String)}
GROUP BY value
HAVING downloads != 0
ORDER BY downloads DESC, value
LIMIT 15
