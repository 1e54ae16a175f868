-- The day up to which pages show figures: the last day with requests, unless it is days after the last sealed one (a wrong clock may have
-- written it); NULL: nothing is loaded.
SELECT if(max(last_sealed_day) IS NULL OR max(last_day) <= max(last_sealed_day) + 3, max(last_day), max(last_sealed_day)) AS last_day
FROM freshness
