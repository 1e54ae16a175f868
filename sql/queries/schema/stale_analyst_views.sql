-- Views of the analysts' database that the warehouse no longer gives them.
SELECT name
FROM system.tables
WHERE database = {target:String} AND NOT has({names:Array(String)}, name)
