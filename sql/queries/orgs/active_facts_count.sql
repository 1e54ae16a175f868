-- How many facts of a reference table are active.
SELECT count() AS rows
FROM {table:Identifier} FINAL
WHERE state = 0
