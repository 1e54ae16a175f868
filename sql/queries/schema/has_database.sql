-- Whether a database of this name exists and this user may see it.
SELECT count() AS found
FROM system.databases
WHERE name = {name:String}
