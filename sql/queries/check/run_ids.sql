-- Run ids with several rows. Versions up to 0.2.0 recorded a run again, with the same contents and a later time, after another run.
SELECT run_id, count() AS rows
FROM allocation_run
GROUP BY run_id
HAVING rows > 1
    AND
    (
        uniqExact(computed_at) < rows
        OR uniqExact(period, attribution_version, policy_version, methodology_version, code_version, inputs_sha256, policy, costs, corrections, result, recoverable_num, recoverable_den, tier_sum, lines_sha256, interval_seed, interval_draws, intervals_sha256) > 1
    )
LIMIT 100
