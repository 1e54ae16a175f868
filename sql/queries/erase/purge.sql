-- Deletes the files of parts that no longer count. The engine does that whenever it drops a partition; this one does not exist.
ALTER TABLE {table:Identifier} DROP PARTITION ID 'erased'
