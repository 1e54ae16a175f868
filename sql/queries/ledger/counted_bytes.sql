-- The bytes of all batches that count, in a sum that cannot leave its type.
SELECT sum(arraySum(arrayMap(bytes -> toUInt128(bytes), day_bytes))) AS bytes
FROM ledger_current
WHERE state = 'loaded'
