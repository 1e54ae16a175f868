-- The stored bytes of quarantined lines, by id. It reads the one column that needs a right of its own.
SELECT concat(toString(batch_id), '/', toString(row)) AS id, hex(line) AS line_hex
FROM quarantine FINAL
WHERE has({ids:Array(String)}, concat(toString(batch_id), '/', toString(row)))
    AND batch_id IN (SELECT toUUID(splitByChar('/', arrayJoin({ids:Array(String)}))[1]))
