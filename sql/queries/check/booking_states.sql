-- Bookings as their partitions are named, with their states.
SELECT formatDateTime(day, '%Y%m%d') || '-' || formatDateTime(booked_day, '%Y%m%d') AS booking, state
FROM seal_current
