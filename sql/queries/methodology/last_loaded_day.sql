-- The last day with loaded lines, or none.
SELECT max(arrayJoin(arrayMap(day -> toNullable(day), days))) AS last
FROM ledger_current
WHERE state = 'loaded'
