-- Privacy: the names that the statements of a closed period show, and the records of erasures. No hash of a run covers a name, so
-- `fairshare erase` can delete it, and `fairshare verify` still computes the run again.

CREATE TABLE IF NOT EXISTS period_name
(
    period String COMMENT 'YYYY-MM: a closed period',
    org_id String COMMENT 'The organisation',
    name String COMMENT 'Its name when the period was closed; statements of the period show it'
)
ENGINE = ReplacingMergeTree
ORDER BY (period, org_id)
COMMENT 'Names of organisations in the statements of closed periods; no hash covers them';

CREATE TABLE IF NOT EXISTS erasure
(
    erasure_id String COMMENT 'Random',
    kind LowCardinality(String) COMMENT 'organisation, network',
    org_id String COMMENT 'organisation: whose names and contacts were erased; its id and amounts stay. network: empty, because the record must not repeat what was erased',
    reason String COMMENT 'Why, as the person wrote it',
    erased Map(LowCardinality(String), UInt64) COMMENT 'Rows changed or deleted, by table',
    state UInt8 COMMENT '0 begun, 1 done; the higher counts',
    begun_at DateTime64(3, 'UTC') COMMENT 'When the erasure began',
    erased_at DateTime64(3, 'UTC') COMMENT 'When it was done; while it is not: when it began'
)
ENGINE = ReplacingMergeTree(state)
ORDER BY erasure_id
COMMENT 'Erasures of personal data';

CREATE TABLE IF NOT EXISTS erasure_run
(
    erasure_id String COMMENT 'See erasure',
    run_id String COMMENT 'An allocation that names the organisation, or that was computed from the network; see allocation_run',
    part LowCardinality(String) COMMENT 'names: nothing that a hash covers has changed; intervals: networks among the inputs were replaced; policy, costs, corrections, lines: a name was replaced in this text',
    sha256 String COMMENT 'Hash of the text after the erasure; empty: no text has changed'
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, part, erasure_id)
COMMENT 'Allocations whose records an erasure has touched; verify reads them';

CREATE TABLE IF NOT EXISTS erasure_network
(
    network String COMMENT 'A network that is being erased',
    pseudonym String COMMENT 'Random network of fd00::/8 that replaces it, so that sums by network stay'
)
ENGINE = ReplacingMergeTree
ORDER BY network
COMMENT 'Networks that an erasure is replacing now; empty at all other times';

-- Periods that are closed already: the names as they were known when the period was closed.
INSERT INTO period_name
SELECT period, org_id, argMax(name, recorded_at)
FROM
(
    SELECT closed.period AS period, org.org_id AS org_id, org.name AS name, org.recorded_at AS recorded_at
    FROM (SELECT period, closed_at FROM period_close FINAL) AS closed
    CROSS JOIN (SELECT org_id, name, recorded_at, retracted_at FROM org FINAL) AS org
    WHERE org.recorded_at <= closed.closed_at AND org.retracted_at > closed.closed_at
)
GROUP BY period, org_id
