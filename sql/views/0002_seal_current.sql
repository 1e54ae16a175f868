-- The seals that count: of one (day, booked_day) the last.
CREATE OR REPLACE VIEW seal_current
AS SELECT *
FROM day_seal FINAL
ORDER BY day, booked_day, seal_no DESC
LIMIT 1 BY day, booked_day;
