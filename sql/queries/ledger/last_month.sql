-- The month of the last day that was loaded; NULL where nothing was.
SELECT formatDateTime(maxOrNull(arrayMax(days)), '%Y-%m') AS period
FROM ledger_current
WHERE state = 'loaded' AND notEmpty(days)
