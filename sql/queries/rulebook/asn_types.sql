-- Active published AS numbers, with the type of network that they are.
SELECT DISTINCT assumeNotNull(asn) AS asn, type
FROM network_range FINAL
WHERE state = 0 AND startsWith(cidr, 'AS')
ORDER BY asn, type
