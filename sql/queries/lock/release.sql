-- Releases the claim of a run that is dead.
INSERT INTO run_lock
SELECT * REPLACE (beat + 1 AS beat, true AS released)
FROM run_lock FINAL
WHERE name = {name:String} AND holder_id = {id:String}
