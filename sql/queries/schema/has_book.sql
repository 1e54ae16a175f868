-- Whether this warehouse has a fairshare schema at all.
SELECT count() AS found
FROM system.tables
WHERE database = currentDatabase() AND name = 'schema_migration'
