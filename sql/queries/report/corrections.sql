-- Lines that set closed periods right, of all families or one, as recorded with the run. Amounts in cents.
SELECT of_period, of_run_id, family, kind, id, requests, bytes, cents, reason
FROM allocation_correction
WHERE run_id = {run_id:String} AND ({family:String} = '' OR family = {family:String})
ORDER BY of_period, family, kind, id
SETTINGS final = 1
