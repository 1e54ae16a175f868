-- Quarantined lines without their content, for everyone who may read views: the bytes themselves are only in the table quarantine, which
-- has its own right (docs/PRIVACY.md).
CREATE OR REPLACE VIEW quarantined_line
(
    batch_id UUID COMMENT 'The batch; see ingest_ledger',
    row UInt32 COMMENT 'Number of the line within its batch',
    position UInt64 COMMENT 'Where the line begins: byte of the decompressed object, or offset of its message',
    reason LowCardinality(String) COMMENT 'Why it could not be read (docs/METHODOLOGY.md)',
    line_bytes UInt32 COMMENT 'Length of the line',
    is_stored Bool COMMENT 'Whether its bytes are still stored',
    shape String COMMENT 'The line with x for every small letter, X for every capital, 9 for every digit, ? for every byte that is not ASCII'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    batch_id,
    row,
    position,
    reason,
    line_bytes,
    line != '' AS is_stored,
    arrayStringConcat(arrayMap(
        at -> multiIf(
            substring(line, at, 1) BETWEEN '0' AND '9', '9',
            substring(line, at, 1) BETWEEN 'a' AND 'z', 'x',
            substring(line, at, 1) BETWEEN 'A' AND 'Z', 'X',
            substring(line, at, 1) >= unhex('80'), '?',
            substring(line, at, 1)),
        range(1, length(line) + 1))) AS shape
FROM quarantine FINAL
COMMENT 'Quarantined lines without their content'
