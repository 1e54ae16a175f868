-- What is loaded, by source: how far it reaches, and when the last batch came.
SELECT source, lines, last_record_at, complete_until, loaded_at, last_sealed_day
FROM freshness
ORDER BY source
