-- Copies those quarantined lines of a batch that cannot be read again to another batch and raises their numbers. It can be
-- repeated: nothing changes.
INSERT INTO quarantine
SELECT * REPLACE ({batch_id:UUID} AS batch_id, toUInt32(row + {shift:UInt32}) AS row)
FROM
(
    SELECT *
    FROM quarantine FINAL
    WHERE batch_id = {from:UUID} AND NOT (line != '' AND line_bytes <= {kept_bytes:UInt32} AND reason IN {reasons:Array(String)})
)
SETTINGS async_insert = 0, deduplicate_insert = 'disable', max_partitions_per_insert_block = 0
