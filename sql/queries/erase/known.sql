-- Whether the registry or a recorded allocation ever had an organisation.
SELECT
    {org_id:String} IN (SELECT org_id FROM org)
    OR {org_id:String} IN (SELECT party FROM allocation_input WHERE kind != 'unattributed')
    OR {org_id:String} IN (SELECT org_id FROM interval_input) AS is_known
