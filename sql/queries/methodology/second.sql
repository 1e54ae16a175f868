-- The first day of methodology 2, if it is set.
SELECT from_day
FROM methodology_start FINAL
WHERE version = 2
