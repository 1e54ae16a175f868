-- The first day of each source with requests.
SELECT source, min(arrayMin(days)) AS day
FROM ledger_current
WHERE state = 'loaded' AND notEmpty(days)
GROUP BY source
ORDER BY source
