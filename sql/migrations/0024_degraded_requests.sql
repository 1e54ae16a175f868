-- A request may have several degradations: `degraded` counts it under each, and this column counts it once. Rows of earlier versions
-- have one degradation for each request at most, so that their sum is the number of requests.

ALTER TABLE ingest_ledger
    ADD COLUMN IF NOT EXISTS degraded_requests UInt64 DEFAULT arraySum(mapValues(degraded)) COMMENT 'Requests with a field that could not be read or is in doubt, each once; they count' AFTER degraded,
    COMMENT COLUMN degraded 'Requests with a field that could not be read or is in doubt, by reason (docs/METHODOLOGY.md); a request may have several; they count'
