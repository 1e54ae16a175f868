-- Why lines of a batch could not be read, and how many lines of each reason cannot be read again
-- (quarantine/replayable.sql lists the others).
SELECT
    reason,
    count() AS lines,
    countIf(NOT (line != '' AND line_bytes <= {kept_bytes:UInt32} AND reason IN {reasons:Array(String)})) AS kept
FROM quarantine FINAL
WHERE batch_id = {batch_id:UUID}
GROUP BY reason
