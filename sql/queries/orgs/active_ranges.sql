-- The published ranges of some providers that are active, one of several parts of them.
SELECT *
FROM network_range FINAL
WHERE state = 0 AND provider IN {providers:Array(String)} AND cityHash64({spread_by:Identifier}) % {parts:UInt32} = {part:UInt32}
