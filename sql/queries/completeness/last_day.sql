-- The last day that a person can be told about: it is sealed, and later requests show that it is over. NULL: there is none.
SELECT min(day) AS day
FROM
(
    SELECT maxOrNull(day) AS day FROM seal_current
    UNION ALL
    SELECT maxOrNull(last_day) - 1 AS day FROM freshness
)
