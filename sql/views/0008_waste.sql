-- Traffic that a cache would have saved (docs/METHODOLOGY.md, "Waste"): downloads of a file that the same /24 or /48 had fetched
-- before on that day with all else equal, and their bytes. By organisation (family) or kind of unattributed usage.
CREATE OR REPLACE VIEW waste_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    org_id String COMMENT 'The organisation that answers for the usage; empty: nobody does',
    family_id String COMMENT 'Its legal family (itself, if the registry names none); empty: nobody answers',
    unattributed LowCardinality(String) COMMENT 'Why nobody answers: unknown, platform, negative, conflict; empty: an organisation does',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    repeat_downloads Int64 COMMENT 'Downloads of a file that the same /24 or /48 had fetched before on that day with all else equal',
    repeat_bytes Int64 COMMENT 'Their bytes: an upper bound of what a cache would have saved'
)
COMMENT 'Repeat downloads by organisation: traffic that a cache would have saved'
AS SELECT
    day, booked_day, org_id, family_id, unattributed, ecosystem, requester_class, client,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM attributed_usage AS usage
GROUP BY day, booked_day, org_id, family_id, unattributed, ecosystem, requester_class, client;
