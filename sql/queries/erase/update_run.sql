-- Writes the texts of a run without the name.
ALTER TABLE allocation_run
UPDATE policy = {policy:String}, costs = {costs:String}, corrections = {corrections:String}
WHERE run_id = {run_id:String}
SETTINGS mutations_sync = 2
