-- Puts the partition of one booking in a sealed table in place, at once, as it was built beside it.
ALTER TABLE {table:Identifier} REPLACE PARTITION ({day:Date}, {booked_day:Date}) FROM {{staging}}
