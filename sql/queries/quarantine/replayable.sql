-- A page of the lines of a batch that can be read again: all their bytes are stored, and they are log lines.
SELECT row, position, hex(line) AS line_hex
FROM quarantine FINAL
WHERE batch_id = {batch_id:UUID} AND toInt64(row) > {after:Int64}
    AND line != '' AND line_bytes <= {kept_bytes:UInt32} AND reason IN {reasons:Array(String)}
ORDER BY row
LIMIT {page:UInt32}
