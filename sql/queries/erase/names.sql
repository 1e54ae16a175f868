-- Every name, contact and tax number that the registry ever recorded for an organisation, in all versions, and in statements of closed
-- periods.
SELECT DISTINCT text
FROM
(
    SELECT arrayJoin([name, contact, billing_name, billing_tax_id]) AS text FROM org WHERE org_id = {org_id:String}
    UNION ALL
    SELECT name AS text FROM period_name WHERE org_id = {org_id:String}
)
WHERE text != ''
ORDER BY text
