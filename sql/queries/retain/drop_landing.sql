-- Drops a day (YYYYMMDD) from a landing table.
ALTER TABLE {table:Identifier} DROP PARTITION {day:String}
