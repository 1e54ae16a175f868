-- Whether an export with this manifest was recorded.
SELECT run_id
FROM export_run
WHERE run_id = {run_id:String}
