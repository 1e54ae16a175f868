-- How precise evidence is, by the organisation it names, where that has tokens: organisations differ in it.

ALTER TABLE interval_precision
    ADD COLUMN IF NOT EXISTS org_id String COMMENT 'Organisation named by the evidence, where it has tokens; empty: the others, or all, together' AFTER tier,
    MODIFY ORDER BY (run_id, tier, org_id)
