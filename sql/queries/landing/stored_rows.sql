-- Number of stored rows of some batches, and the sum of their hashes, by landing table. A row's hash combines its columns in order,
-- as the transform does before it sends the row (transform/aggregate/arrow-table.ts): texts by their CRC-32, 64-bit numbers as two
-- words. Row numbers are raised by {shift} before hashing, as they will be when another batch takes the rows over. DISTINCT instead
-- of FINAL: a row that was stored twice collapses if both are equal, and counts as one row too many if not. The days prune
-- partitions; tables that are not asked for are not read. In a column that a later migration added, a zero or an empty text leaves the hash as
-- it is, so that rows from before keep theirs.
SELECT 'usage_batch' AS name, batch_id AS id, count() AS rows, sum(toUInt64(hash)) AS hash
FROM
(
    WITH
        toUInt32(bitXor(toUInt32(0), toUInt32(row + {shift:UInt32})) * 2654435761) AS h1,
        toUInt32(bitXor(h1, toUnixTimestamp(hour)) * 2654435761) AS h2,
        toUInt32(bitXor(h2, CRC32(ecosystem)) * 2654435761) AS h3,
        toUInt32(bitXor(h3, CRC32(package)) * 2654435761) AS h4,
        toUInt32(bitXor(h4, CRC32(version)) * 2654435761) AS h5,
        toUInt32(bitXor(h5, CRC32(artifact)) * 2654435761) AS h6,
        toUInt32(bitXor(h6, CRC32(file)) * 2654435761) AS h7,
        toUInt32(bitXor(h7, CRC32(requester_class)) * 2654435761) AS h8,
        toUInt32(bitXor(h8, CRC32(identity)) * 2654435761) AS h9,
        toUInt32(bitXor(h9, CRC32(client)) * 2654435761) AS h10,
        toUInt32(bitXor(h10, ifNull(toUInt32(ci), toUInt32(4294967295))) * 2654435761) AS h11,
        toUInt32(bitXor(h11, CRC32(ci_provider)) * 2654435761) AS h12,
        toUInt32(bitXor(h12, ifNull(toUInt32(container), toUInt32(4294967295))) * 2654435761) AS h13,
        toUInt32(bitXor(h13, CRC32(rule_id)) * 2654435761) AS h14,
        toUInt32(bitXor(h14, toUInt32(evidence_set)) * 2654435761) AS h15,
        toUInt32(bitXor(h15, toUInt32(bitShiftRight(evidence_set, 32))) * 2654435761) AS h16,
        toUInt32(bitXor(h16, CRC32(country)) * 2654435761) AS h17,
        toUInt32(bitXor(h17, CRC32(network)) * 2654435761) AS h18,
        toUInt32(bitXor(h18, toUInt32(requests)) * 2654435761) AS h19,
        toUInt32(bitXor(h19, toUInt32(bitShiftRight(requests, 32))) * 2654435761) AS h20,
        toUInt32(bitXor(h20, toUInt32(downloads)) * 2654435761) AS h21,
        toUInt32(bitXor(h21, toUInt32(bitShiftRight(downloads, 32))) * 2654435761) AS h22,
        toUInt32(bitXor(h22, toUInt32(bytes)) * 2654435761) AS h23,
        toUInt32(bitXor(h23, toUInt32(bitShiftRight(bytes, 32))) * 2654435761) AS h24,
        toUInt32(bitXor(h24, toUInt32(download_bytes)) * 2654435761) AS h25,
        toUInt32(bitXor(h25, toUInt32(bitShiftRight(download_bytes, 32))) * 2654435761) AS h26,
        toUInt32(bitXor(h26, toUInt32(max_download_bytes)) * 2654435761) AS h27,
        toUInt32(bitXor(h27, toUInt32(bitShiftRight(max_download_bytes, 32))) * 2654435761) AS h28,
        if(partials = 0, h28, toUInt32(bitXor(h28, toUInt32(partials)) * 2654435761)) AS h29,
        if(partials = 0, h29, toUInt32(bitXor(h29, toUInt32(bitShiftRight(partials, 32))) * 2654435761)) AS h30,
        if(CRC32(client_facets) = 0, h30, toUInt32(bitXor(h30, CRC32(client_facets)) * 2654435761)) AS h31,
        if(CRC32(file_type) = 0, h31, toUInt32(bitXor(h31, CRC32(file_type)) * 2654435761)) AS h32,
        if(CRC32(status) = 0, h32, toUInt32(bitXor(h32, CRC32(status)) * 2654435761)) AS h33
    SELECT DISTINCT batch_id, row, h33 AS hash
    FROM usage_batch
    WHERE has({tables:Array(String)}, 'usage_batch') AND batch_id IN {batch_ids:Array(UUID)} AND toYYYYMMDD(hour) IN {partitions:Array(UInt32)}
)
GROUP BY batch_id
UNION ALL
SELECT 'rate_batch' AS name, batch_id AS id, count() AS rows, sum(toUInt64(hash)) AS hash
FROM
(
    WITH
        toUInt32(bitXor(toUInt32(0), toUInt32(row + {shift:UInt32})) * 2654435761) AS h1,
        toUInt32(bitXor(h1, toUnixTimestamp(slot)) * 2654435761) AS h2,
        toUInt32(bitXor(h2, toUInt32(evidence_set)) * 2654435761) AS h3,
        toUInt32(bitXor(h3, toUInt32(bitShiftRight(evidence_set, 32))) * 2654435761) AS h4,
        toUInt32(bitXor(h4, CRC32(network)) * 2654435761) AS h5,
        toUInt32(bitXor(h5, toUInt32(requests)) * 2654435761) AS h6,
        toUInt32(bitXor(h6, toUInt32(bitShiftRight(requests, 32))) * 2654435761) AS h7,
        toUInt32(bitXor(h7, toUInt32(bytes)) * 2654435761) AS h8,
        toUInt32(bitXor(h8, toUInt32(bitShiftRight(bytes, 32))) * 2654435761) AS h9
    SELECT DISTINCT batch_id, row, h9 AS hash
    FROM rate_batch
    WHERE has({tables:Array(String)}, 'rate_batch') AND batch_id IN {batch_ids:Array(UUID)} AND toYYYYMMDD(slot) IN {partitions:Array(UInt32)}
)
GROUP BY batch_id
UNION ALL
SELECT 'quarantine' AS name, batch_id AS id, count() AS rows, sum(toUInt64(hash)) AS hash
FROM
(
    WITH
        toUInt32(bitXor(toUInt32(0), toUInt32(row + {shift:UInt32})) * 2654435761) AS h1,
        toUInt32(bitXor(h1, toUInt32(position)) * 2654435761) AS h2,
        toUInt32(bitXor(h2, toUInt32(bitShiftRight(position, 32))) * 2654435761) AS h3,
        toUInt32(bitXor(h3, CRC32(reason)) * 2654435761) AS h4,
        toUInt32(bitXor(h4, line_bytes) * 2654435761) AS h5,
        toUInt32(bitXor(h5, CRC32(line)) * 2654435761) AS h6
    SELECT DISTINCT batch_id, row, h6 AS hash
    FROM quarantine
    WHERE has({tables:Array(String)}, 'quarantine') AND batch_id IN {batch_ids:Array(UUID)}
        AND NOT ({only_unreplayable:Bool} AND line != '' AND line_bytes <= {kept_bytes:UInt32} AND reason IN {reasons:Array(String)})
)
GROUP BY batch_id
