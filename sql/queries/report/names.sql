-- Organisations as the registry names them, with their families as they were known when the allocation was computed.
SELECT
    known.org_id AS org_id,
    if(current.name = '', known.name, current.name) AS name,
    if(edge.family_id = '', known.org_id, edge.family_id) AS family
FROM (SELECT org_id, name FROM org FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS known
LEFT JOIN (SELECT org_id, family_id FROM org_edge FINAL WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}) AS edge
    ON edge.org_id = known.org_id
LEFT JOIN (SELECT org_id, name FROM org FINAL WHERE state = 0) AS current ON current.org_id = known.org_id
ORDER BY org_id
SETTINGS join_use_nulls = 0
