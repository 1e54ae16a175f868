-- Days that may still change.
SELECT DISTINCT day
FROM seal_current
WHERE state = 'open'
ORDER BY day
