-- To whom the statement of a family goes (of each family if none is named), as known when the allocation was computed. An erased
-- organisation has nothing here.
SELECT org_id AS family, billing_name, billing_address, billing_tax_id, billing_purchase_order, billing_reference
FROM org FINAL
WHERE recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}
    AND ({family:String} = '' OR org_id = {family:String})
ORDER BY family
