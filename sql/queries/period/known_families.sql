-- Families that a correction can name: those of the registry, and those of earlier allocations.
SELECT DISTINCT family_id AS family
FROM org_current
UNION DISTINCT
SELECT DISTINCT party AS family
FROM allocation_input
WHERE kind != 'unattributed'
