-- Views whose names misled: usage_adjusted, usage_adjustment and attributed_by_evidence (views/0004_attribution.sql) take their
-- place.

DROP VIEW IF EXISTS attributed_sets;

DROP VIEW IF EXISTS usage_counted;

DROP VIEW IF EXISTS usage_moved;
