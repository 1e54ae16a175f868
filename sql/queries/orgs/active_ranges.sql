-- Active published ranges of some providers: one of several parts.
SELECT *
FROM network_range FINAL
WHERE state = 0 AND provider IN {providers:Array(String)} AND cityHash64({spread_by:Identifier}) % {parts:UInt32} = {part:UInt32}
