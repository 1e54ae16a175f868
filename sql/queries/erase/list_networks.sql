-- Lists the stored networks that overlap the network to erase, each with a random network that replaces it. A statement that changes
-- a table stays in the table's directory, so it must not name the network: it reads this list.
INSERT INTO erasure_network
SELECT
    network,
    concat(IPv6NumToString(toFixedString(unhex(concat('fd', substring(replaceAll(toString(generateUUIDv4(network)), '-', ''), 1, 10), repeat('0', 20))), 16)), '/48') AS pseudonym
FROM
(
    SELECT DISTINCT network FROM usage_batch
    UNION DISTINCT
    SELECT DISTINCT network FROM rate_batch
    UNION DISTINCT
    SELECT DISTINCT network FROM network_daily
    UNION DISTINCT
    SELECT DISTINCT network FROM request_rate
    UNION DISTINCT
    SELECT DISTINCT prefix AS network FROM interval_input
    UNION DISTINCT
    SELECT DISTINCT id AS network FROM period_tier WHERE kind = 'network'
)
WHERE match(network, '^[0-9a-f.:]+/[0-9]+$')
    AND network NOT IN (SELECT network FROM erasure_network)
    AND toUInt8(splitByChar('/', network)[2]) >= if(position(network, ':') = 0, 24, 48)
    AND (isIPAddressInRange(splitByChar('/', network)[1], {cidr:String}) OR isIPAddressInRange(splitByChar('/', {cidr:String})[1], network))
