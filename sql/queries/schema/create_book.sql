-- Creates the table of applied migrations. It must exist before the first migration.
CREATE TABLE IF NOT EXISTS schema_migration
(
    name String COMMENT 'migrations/NNNN_name.sql, views/NNNN_name.sql, or analysts: their database',
    sha256 String COMMENT 'Of the file',
    applied_at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY name
COMMENT 'What has been applied to this warehouse'
