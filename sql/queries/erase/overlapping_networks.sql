-- How many rows have a network that overlaps the network to erase, by table: those of erase/list_networks.sql.
SELECT table, count() AS rows
FROM
(
    SELECT 'usage_batch' AS table, network FROM usage_batch
    UNION ALL
    SELECT 'rate_batch' AS table, network FROM rate_batch
    UNION ALL
    SELECT 'network_daily' AS table, network FROM network_daily
    UNION ALL
    SELECT 'request_rate' AS table, network FROM request_rate
    UNION ALL
    SELECT 'interval_input' AS table, prefix AS network FROM interval_input
    UNION ALL
    SELECT 'period_tier' AS table, id AS network FROM period_tier WHERE kind = 'network'
)
WHERE match(network, '^[0-9a-f.:]+/[0-9]+$')
    AND toUInt8(splitByChar('/', network)[2]) >= if(position(network, ':') = 0, 24, 48)
    AND (isIPAddressInRange(splitByChar('/', network)[1], {cidr:String}) OR isIPAddressInRange(splitByChar('/', {cidr:String})[1], network))
GROUP BY table
