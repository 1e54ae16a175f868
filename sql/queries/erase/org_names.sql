-- Empties the name, the contact and the billing particulars of an organisation in every version.
ALTER TABLE org
UPDATE
    name = '', contact = '', billing_name = '', billing_address = '', billing_tax_id = '', billing_purchase_order = '', billing_reference = ''
WHERE org_id = {org_id:String}
SETTINGS mutations_sync = 2
