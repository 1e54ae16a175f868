-- Views of the analysts' database that analysts must no longer have.
SELECT name
FROM system.tables
WHERE database = {target:String} AND NOT has({names:Array(String)}, name)
