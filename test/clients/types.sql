-- One value of each type that results have; the client's driver reads them all.
SELECT
    toInt64(-9223372036854775808) AS int64,
    toUInt64(18446744073709551615) AS uint64,
    toUInt256('115792089237316195423570985008687907853269984665640564039457584007913129639935') AS uint256,
    CAST(NULL, 'Nullable(Int32)') AS nothing,
    CAST(7, 'Nullable(Int32)') AS something,
    toDate('2026-11-22') AS day,
    toDateTime('2026-11-22 10:11:12', 'UTC') AS moment,
    toDateTime64('2026-11-22 10:11:12.345', 3, 'UTC') AS exact,
    toLowCardinality('npm') AS low,
    CAST('x', 'LowCardinality(Nullable(String))') AS low_nullable,
    [1, 2]::Array(UInt8) AS list,
    [toLowCardinality('a'), toLowCardinality('b')] AS low_list,
    toDecimal64('1.25', 2) AS amount,
    true AS yes,
    CAST('b', 'Enum8(\'a, (\' = 1, \'b\' = 2)') AS choice,
    (1::UInt8, 'ü')::Tuple(number UInt8, name String) AS pair
