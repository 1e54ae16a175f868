-- The batches in the sealed rows of each dropped day: those of its last booking, because each booking lists all batches of its time.
SELECT day, argMax(batches, booked_day) AS batches
FROM seal_current
GROUP BY day
HAVING max(state = 'dropped')
ORDER BY day
