-- What each family owes (or one), as recorded.
SELECT family, gross, net, tiered, raw_num, raw_den, billed_cents, rule
FROM allocation_line FINAL
WHERE run_id = {run_id:String} AND ({family:String} = '' OR family = {family:String})
ORDER BY family
