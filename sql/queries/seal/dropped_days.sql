-- Days whose landing is gone: what was sealed from it stands.
SELECT DISTINCT day
FROM seal_current
WHERE state = 'dropped'
