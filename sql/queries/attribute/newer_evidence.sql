-- How many pieces of evidence were imported or taken out of the registry after the last attribution.
WITH
    -- when verdicts were last computed; nothing if they never were
    attributed AS (SELECT maxOrNull(computed_at) AS at FROM attribution_run)
SELECT countIf(recorded_at > attributed.at OR (state = 1 AND retracted_at > attributed.at)) AS pieces
FROM org_evidence FINAL
CROSS JOIN attributed
