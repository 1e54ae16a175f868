-- Days whose landing was dropped: their sealed rows stay.
SELECT DISTINCT day
FROM seal_current
WHERE state = 'dropped'
