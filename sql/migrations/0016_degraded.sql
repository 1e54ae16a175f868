-- Requests that were read with a doubt: they count, and so does the doubt.

ALTER TABLE ingest_ledger
    ADD COLUMN IF NOT EXISTS degraded Map(LowCardinality(String), UInt64) COMMENT 'Requests read with a doubt, by reason (a local hour that happens twice, or not at all); they count' AFTER reasons
