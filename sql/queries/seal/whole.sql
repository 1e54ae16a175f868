-- Rows of one day in landing whose transfers asked for a file from its first byte, with no end named, and got all of it: as many bytes
-- as the largest download of that file on that day, less the headers that some edges count (2,048 bytes at most). Where no download
-- tells the size, they stay parts. Such a row has no downloads, and max_download_bytes are the bytes of each of its transfers.
CREATE OR REPLACE TABLE {whole:Identifier}
ENGINE = Memory
AS WITH open_rows AS
(
    SELECT batch_id, row, ecosystem, package, version, file, max_download_bytes
    FROM usage_batch {{final}}
    WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
        AND downloads = 0 AND max_download_bytes > 0
)
SELECT open_rows.batch_id AS batch_id, open_rows.row AS row
FROM open_rows
INNER JOIN
(
    SELECT ecosystem, package, version, file, max(max_download_bytes) AS file_bytes
    FROM usage_batch
    WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
        AND downloads > 0 AND (ecosystem, package, version, file) IN (SELECT ecosystem, package, version, file FROM open_rows)
    GROUP BY ecosystem, package, version, file
) AS files ON files.ecosystem = open_rows.ecosystem AND files.package = open_rows.package AND files.version = open_rows.version AND files.file = open_rows.file
WHERE open_rows.max_download_bytes + 2048 >= files.file_bytes
