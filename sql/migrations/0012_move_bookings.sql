-- Moves count booking by booking: a day's networks can be gone while those of a late booking of it are kept.

ALTER TABLE usage_move COMMENT COLUMN computed_at 'Of one (attribution_version, day, booked_day) the latest counts';
