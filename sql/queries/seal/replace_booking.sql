-- Replaces the partition of one booking in a sealed table by the one in its staging table, in one step.
ALTER TABLE {table:Identifier} REPLACE PARTITION ({day:Date}, {booked_day:Date}) FROM {{staging}}
