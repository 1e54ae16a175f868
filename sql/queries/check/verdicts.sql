-- Evidence sets with two verdicts for a day, and days whose moves do not sum to zero.
SELECT what
FROM
(
    SELECT 'evidence set ' || toString(evidence_set) AS what
    FROM
    (
        SELECT
            evidence_set, valid_to,
            leadInFrame(valid_from, 1, valid_to) OVER (PARTITION BY evidence_set ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_from
        FROM verdict_current
    )
    WHERE next_from < valid_to
    UNION ALL
    SELECT 'moves of ' || toString(day) AS what
    FROM usage_adjustment
    GROUP BY attribution_version, day, booked_day
    HAVING sum(usage_adjustment.requests) != 0 OR sum(usage_adjustment.downloads) != 0 OR sum(usage_adjustment.bytes) != 0
)
LIMIT 100
