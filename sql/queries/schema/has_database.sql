-- Whether there is a database of this name that this user may see.
SELECT count() AS found
FROM system.databases
WHERE name = {name:String}
