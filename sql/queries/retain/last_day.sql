-- The last sealed day with real volume: days of retention count back from it. NULL: no day is sealed. One line with a wrong time makes
-- a day, but must not age the others: a day counts if it has a thousandth of a typical day, and at least two requests (one, if a
-- typical day has one). Half of all requests are on days of the typical size or larger. views/0005_freshness.sql has the same rule.
WITH
    -- the requests of each sealed day
    sealed AS
    (
        SELECT day, toUInt64(sum(seal_current.requests)) AS requests
        FROM seal_current
        GROUP BY day
        HAVING sum(seal_current.requests) > 0
    ),
    -- the size of a typical day
    sizes AS
    (
        SELECT quantileExactWeighted(0.5)(requests, requests) AS typical
        FROM sealed
    )
SELECT maxOrNull(day) AS day
FROM sealed
CROSS JOIN sizes
WHERE requests >= greatest(least(2, typical), intDiv(typical, 1000))
