-- Whether this database has a table or view.
SELECT count() AS found
FROM system.tables
WHERE database = currentDatabase() AND name = {name:String}
