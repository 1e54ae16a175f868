-- Active published AS numbers, each with its type of network.
SELECT DISTINCT assumeNotNull(asn) AS asn, type
FROM network_range FINAL
WHERE state = 0 AND startsWith(cidr, 'AS')
ORDER BY asn, type
