-- Organisations by their present names, with their families as known when the allocation was computed.
SELECT
    known.org_id AS org_id,
    if(current.name = '', known.name, current.name) AS name,
    known.family_id AS family
FROM org_known_at(known_at = {known_at:DateTime64(3, 'UTC')}) AS known
LEFT JOIN org_current AS current ON current.org_id = known.org_id
ORDER BY org_id
