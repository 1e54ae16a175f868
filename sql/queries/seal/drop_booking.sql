-- Drops the partition of one booking from a sealed table, or from its staging table.
ALTER TABLE {table:Identifier} DROP PARTITION ({day:Date}, {booked_day:Date})
