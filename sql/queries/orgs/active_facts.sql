-- Active facts of a reference table: one of several parts.
SELECT *
FROM {table:Identifier} FINAL
WHERE state = 0 AND cityHash64({spread_by:Identifier}) % {parts:UInt32} = {part:UInt32}
