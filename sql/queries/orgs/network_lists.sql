-- The published lists in force, one row for each type of a provider's ranges. Times in RFC 3339.
SELECT
    provider,
    type,
    list_version AS version,
    formatDateTime(list.published_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS published_at,
    formatDateTime(list.read_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS read_at,
    toUInt32(list.ranges) AS ranges,
    source
FROM network_list_current AS list
ORDER BY type, provider
