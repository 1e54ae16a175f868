-- Who runs a job that must not run twice at once, on whatever machine.

CREATE TABLE IF NOT EXISTS run_lock
(
    name LowCardinality(String) COMMENT 'The job: nightly',
    holder_id String COMMENT 'Of one run',
    host String COMMENT 'Machine that it runs on',
    pid UInt32 COMMENT 'Process there',
    claimed_at DateTime64(3, 'UTC') COMMENT 'When it began, by the server''s clock',
    seen_at DateTime64(3, 'UTC') COMMENT 'When it last said that it runs, by the server''s clock',
    beat UInt64 COMMENT 'Of one holder the highest counts',
    released Bool COMMENT 'It has ended, or was found dead'
)
ENGINE = ReplacingMergeTree(beat)
ORDER BY (name, holder_id)
COMMENT 'Locks of jobs: a claim counts while it is not released and was seen within ten minutes'
