-- Whether any transfer of a part was whole.
SELECT count() AS rows
FROM {whole:Identifier}
