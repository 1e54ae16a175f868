-- Drops the partition of one booking from a sealed table, or from the table beside it in which a seal is built.
ALTER TABLE {table:Identifier} DROP PARTITION ({day:Date}, {booked_day:Date})
