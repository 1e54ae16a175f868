-- What each family owes (or one family), as recorded.
SELECT family, gross, net, tiered, raw_num, raw_den, billed_cents, rule
FROM allocation_line
WHERE run_id = {run_id:String} AND ({family:String} = '' OR family = {family:String})
ORDER BY family
SETTINGS final = 1
