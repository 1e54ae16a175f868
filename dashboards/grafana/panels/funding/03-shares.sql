-- Shares of the months by bytes
-- table percentunit
SELECT period, family_id, toString(unattributed) AS kind, requests_share, bytes_share
FROM funding_share
WHERE period >= formatDateTime($__fromTime, '%Y-%m') AND period <= formatDateTime($__toTime, '%Y-%m')
ORDER BY period, bytes_share DESC, family_id, kind
