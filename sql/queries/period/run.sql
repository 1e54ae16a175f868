-- A recorded allocation, and when its period was closed (1970: it is open). A run that was recorded again after another one has a
-- row for each time; the last row counts.
SELECT
    run.run_id AS run_id,
    run.period AS period,
    toString(run.until) AS until,
    run.attribution_version AS attribution_version,
    run.policy_version AS policy_version,
    run.methodology_version AS methodology_version,
    run.code_version AS code_version,
    run.inputs_sha256 AS inputs_sha256,
    run.policy AS policy,
    run.costs AS costs,
    run.corrections AS corrections,
    run.lines_sha256 AS lines_sha256,
    run.supersedes AS supersedes,
    run.interval_seed AS interval_seed,
    run.interval_draws AS interval_draws,
    run.intervals_sha256 AS intervals_sha256,
    run.computed_at AS computed_at,
    (SELECT max(closed_at) FROM period_close WHERE run_id = {run_id:String}) AS closed_at
FROM allocation_run AS run
WHERE run.run_id = {run_id:String}
ORDER BY run.computed_at DESC
LIMIT 1
SETTINGS final = 1
