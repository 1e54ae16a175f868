-- Published lists in force, with their last reading. A list that was imported before readings were recorded counts from its newest row.
CREATE OR REPLACE VIEW network_list_current
(
    provider LowCardinality(String) COMMENT 'As in network_range',
    type LowCardinality(String) COMMENT 'As in network_range',
    ranges UInt64 COMMENT 'Ranges in force',
    list_version String COMMENT 'The vendor''s own version or date, else of the bytes',
    source String COMMENT 'File or URL',
    published_at Nullable(DateTime('UTC')) COMMENT 'When the vendor made it; NULL if the vendor does not say',
    read_at DateTime64(3, 'UTC') COMMENT 'When the list was last read'
)
COMMENT 'Published lists in force'
AS SELECT
    active.provider AS provider,
    active.type AS type,
    active.ranges AS ranges,
    if(reading.readings > 0, reading.list_version, active.list_version) AS list_version,
    if(reading.readings > 0, reading.source, active.source) AS source,
    reading.published_at AS published_at,
    if(reading.readings > 0, reading.read_at, active.recorded_at) AS read_at
FROM
(
    SELECT provider, type, count() AS ranges, max(network_range.list_version) AS list_version, any(network_range.source) AS source, max(network_range.recorded_at) AS recorded_at
    FROM network_range FINAL
    WHERE state = 0
    GROUP BY provider, type
) AS active
LEFT JOIN
(
    SELECT
        provider,
        count() AS readings,
        argMax(network_list.list_version, network_list.read_at) AS list_version,
        argMax(network_list.source, network_list.read_at) AS source,
        tupleElement(argMax(tuple(network_list.published_at), network_list.read_at), 1) AS published_at,
        max(network_list.read_at) AS read_at
    FROM network_list
    GROUP BY provider
) AS reading ON reading.provider = active.provider;
