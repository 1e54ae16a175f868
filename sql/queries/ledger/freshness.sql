-- How far each source has come.
SELECT *
FROM freshness
ORDER BY source
