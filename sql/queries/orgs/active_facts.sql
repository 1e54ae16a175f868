-- The facts of a reference table that are active, one of several parts of them.
SELECT *
FROM {table:Identifier} FINAL
WHERE state = 0 AND cityHash64({spread_by:Identifier}) % {parts:UInt32} = {part:UInt32}
