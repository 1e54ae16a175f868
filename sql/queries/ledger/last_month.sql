-- The month of the last loaded day; NULL if nothing was loaded.
SELECT formatDateTime(maxOrNull(arrayMax(days)), '%Y-%m') AS period
FROM ledger_current
WHERE state = 'loaded' AND notEmpty(days)
