-- Organisations with their families as known when the allocation was computed. A closed period keeps the names that it was closed
-- with, or (if it was closed before they were recorded) those of the time of its run; an open one has the present names. An erased name
-- is empty.
SELECT
    known.org_id AS org_id,
    if(recorded.name != '', recorded.name, known.name) AS name,
    known.family_id AS family
FROM org_known_at(known_at = {known_at:DateTime64(3, 'UTC')}) AS known
LEFT JOIN
(
    SELECT org_id, name
    FROM period_name FINAL
    WHERE period = {period:String} AND period IN (SELECT period FROM period_close)
) AS recorded ON recorded.org_id = known.org_id
ORDER BY org_id
