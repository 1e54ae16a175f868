-- How far each source reaches
-- table short
SELECT source, lines, last_record_at, complete_until, last_sealed_day, dateDiff('second', last_record_at, $__toTime) AS seconds_behind
FROM freshness
ORDER BY source
