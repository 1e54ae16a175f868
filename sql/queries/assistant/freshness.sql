-- How far the figures reach, by source.
SELECT source, lines, last_record_at, complete_until, last_sealed_day
FROM freshness
ORDER BY source
