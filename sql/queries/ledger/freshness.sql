-- How far each source is loaded.
SELECT *
FROM freshness
ORDER BY source
