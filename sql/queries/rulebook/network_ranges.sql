-- Active published ranges that are networks.
SELECT DISTINCT provider, service, type, cidr
FROM network_range FINAL
WHERE state = 0 AND NOT startsWith(cidr, 'AS')
ORDER BY type, provider, cidr, service
