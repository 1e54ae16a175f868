-- Lines of a batch that cannot be read again: too long to be stored whole, or expired.
SELECT
    countIf(line_bytes > {kept_bytes:UInt32}) AS truncated,
    countIf(line = '' AND line_bytes <= {kept_bytes:UInt32}) AS expired
FROM quarantine FINAL
WHERE batch_id = {batch_id:UUID}
