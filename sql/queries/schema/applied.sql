-- Migrations and views that were applied, with the hashes of their files.
SELECT name, sha256
FROM schema_migration FINAL
