-- The database that holds what analysts read.
CREATE DATABASE IF NOT EXISTS {name:Identifier}
COMMENT 'What analysts read: docs/ANALYSTS.md'
