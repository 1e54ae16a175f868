-- Number of attributions, of evidence sets that the last one judged, and of all evidence sets.
SELECT
    count() AS runs,
    argMax(evidence_sets, computed_at) AS judged,
    (SELECT count() FROM evidence_set FINAL) AS sets
FROM attribution_run
