-- Number of active facts of a reference table.
SELECT count() AS rows
FROM {table:Identifier} FINAL
WHERE state = 0
