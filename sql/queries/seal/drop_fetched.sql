-- Drops what a seal fetched from landing (seal/fetched.sql).
DROP TABLE IF EXISTS {fetched:Identifier}
