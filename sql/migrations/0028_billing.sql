-- A statement is a letter: it names whom it is for. An organisation (the head of a family) may have the particulars that its accountants
-- need. They are versioned like its name, and `fairshare erase` empties them in every version.

ALTER TABLE org
    ADD COLUMN IF NOT EXISTS billing_name String DEFAULT '' COMMENT 'Legal name on statements; empty: the name' AFTER contact,
    ADD COLUMN IF NOT EXISTS billing_address String DEFAULT '' COMMENT 'Postal address on statements, in lines' AFTER billing_name,
    ADD COLUMN IF NOT EXISTS billing_tax_id String DEFAULT '' COMMENT 'Tax or registration number on statements' AFTER billing_address,
    ADD COLUMN IF NOT EXISTS billing_purchase_order String DEFAULT '' COMMENT 'Number of the organisation''s purchase order' AFTER billing_tax_id,
    ADD COLUMN IF NOT EXISTS billing_reference String DEFAULT '' COMMENT 'Another reference that the organisation asked for' AFTER billing_purchase_order
