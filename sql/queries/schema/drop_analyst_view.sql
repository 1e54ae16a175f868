-- Drops a view of the analysts' database.
DROP VIEW IF EXISTS {target:Identifier}.{name:Identifier}
