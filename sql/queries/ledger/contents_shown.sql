-- Of each source: objects that count, those whose content is known by its stored bytes alone, and names whose content counts under another name.
SELECT
    source,
    countIf(counts) AS objects,
    countIf(counts AND partition NOT IN (SELECT partition FROM object_content)) AS stored_only,
    countIf(NOT counts) AS twins
FROM
(
    SELECT DISTINCT toString(source) AS source, partition, true AS counts
    FROM ledger_current
    WHERE object != '' AND epoch = 0 AND state = 'loaded'
    UNION ALL
    SELECT DISTINCT toString(source) AS source, object, false AS counts
    FROM object_content FINAL
    WHERE same_as != ''
)
GROUP BY source
ORDER BY source
