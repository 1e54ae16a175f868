-- Recorded allocations that an organisation is in.
SELECT DISTINCT run_id
FROM
(
    SELECT run_id FROM allocation_input WHERE party = {org_id:String} AND kind != 'unattributed'
    UNION ALL
    SELECT run_id FROM interval_input WHERE org_id = {org_id:String} OR family_id = {org_id:String}
    UNION ALL
    SELECT run_id FROM allocation_line WHERE family = {org_id:String}
    UNION ALL
    SELECT run_id FROM allocation_correction WHERE family = {org_id:String}
)
ORDER BY run_id
