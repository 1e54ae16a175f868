-- The attribution in force: the version that was computed last.
SELECT argMax(attribution_version, computed_at) AS version
FROM attribution_run
