-- Distinct networks that downloaded a package, by month: their salt changes with the month, so months cannot be joined.
SELECT toStartOfMonth(day) AS month, uniqCombined64Merge(12)(networks) AS networks
FROM package_reach
WHERE ecosystem = {ecosystem:String} AND package = {package:String} AND day >= {from:Date} AND day <= {to:Date}
GROUP BY month
ORDER BY month
