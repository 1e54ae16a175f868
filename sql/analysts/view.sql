-- One table or view of the warehouse, for analysts. It runs with the rights of the user who migrated. It collapses rows that a
-- repeated insert stored twice.
CREATE OR REPLACE VIEW {{view}} {{columns}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT {{names}}
FROM {{source}} {{final}}
COMMENT {{comment}}
