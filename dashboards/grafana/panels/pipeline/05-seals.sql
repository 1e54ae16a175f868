-- Sealed days
-- table short
SELECT day, booked_day, state, batches, requests, sealed_at
FROM seal_current
WHERE $__dateFilter(day)
ORDER BY day DESC, booked_day DESC
