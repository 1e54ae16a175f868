-- One table or view of the warehouse, for analysts: it runs with the rights of who migrated. Rows that a repeated insert stored
-- twice are collapsed here.
CREATE OR REPLACE VIEW {{view}} {{columns}}
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT {{names}}
FROM {{source}} {{final}}
COMMENT {{comment}}
