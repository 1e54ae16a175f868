-- Drops what a seal took from landing (seal/fetched.sql, seal/whole.sql).
DROP TABLE IF EXISTS {table:Identifier}
