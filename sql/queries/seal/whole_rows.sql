-- Number of rows whose transfers were whole (seal/whole.sql).
SELECT count() AS rows
FROM {whole:Identifier}
