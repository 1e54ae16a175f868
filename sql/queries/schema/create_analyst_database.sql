-- Creates the database for analysts.
CREATE DATABASE IF NOT EXISTS {name:Identifier}
COMMENT 'What analysts read: docs/ANALYSTS.md'
