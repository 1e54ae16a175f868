-- Usage of organisations by the name of the token that it carried: a company splits its bill by it. No token and no id of one is in it.
CREATE OR REPLACE VIEW team_usage_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    org_id String COMMENT 'The organisation that answers for the usage',
    family_id String COMMENT 'Its legal family (itself, if the registry names none)',
    team String COMMENT 'Name of the token that the usage carried; empty: no token; (unnamed): a token without a name',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge'
)
COMMENT 'Usage of organisations by team: the name of the token that it carried'
AS SELECT
    usage.day AS day, usage.booked_day AS booked_day, usage.org_id AS org_id, usage.family_id AS family_id,
    if(usage.tier = 'E1', token.team, '') AS team,
    usage.ecosystem AS ecosystem, usage.requester_class AS requester_class,
    sum(usage.requests) AS requests,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes
FROM attributed_usage AS usage
LEFT JOIN {{database}}.token_team(known_at = '2199-01-01 00:00:00.000') AS token ON token.evidence_id = usage.evidence_id
WHERE usage.org_id != ''
GROUP BY day, booked_day, org_id, family_id, team, ecosystem, requester_class
