-- How many rows have a network of the list, by table.
SELECT 'usage_batch' AS table, count() AS rows FROM usage_batch WHERE network IN (SELECT network FROM erasure_network)
UNION ALL
SELECT 'rate_batch' AS table, count() AS rows FROM rate_batch WHERE network IN (SELECT network FROM erasure_network)
UNION ALL
SELECT 'network_daily' AS table, count() AS rows FROM network_daily WHERE network IN (SELECT network FROM erasure_network)
UNION ALL
SELECT 'request_rate' AS table, count() AS rows FROM request_rate WHERE network IN (SELECT network FROM erasure_network)
UNION ALL
SELECT 'interval_input' AS table, count() AS rows FROM interval_input WHERE prefix IN (SELECT network FROM erasure_network)
UNION ALL
SELECT 'period_tier' AS table, count() AS rows FROM period_tier WHERE kind = 'network' AND id IN (SELECT network FROM erasure_network)
