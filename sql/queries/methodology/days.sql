-- First and last day whose usage is booked in a period.
SELECT min(day) AS first, max(day) AS last
FROM usage_known
WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date}
