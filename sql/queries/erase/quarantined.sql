-- A page of all quarantined lines whose bytes are stored, of every batch, also of those that do not count.
SELECT toString(batch_id) AS batch_id, row, hex(line) AS line_hex
FROM quarantine
WHERE line != '' AND (quarantine.batch_id, toInt64(row)) > ({batch_id:UUID}, {row:Int64})
ORDER BY quarantine.batch_id, row
LIMIT {page:UInt32}
