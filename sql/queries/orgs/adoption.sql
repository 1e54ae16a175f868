-- Usage of an organisation (or of a family, by its head) with and without a token, by client and network; and usage that nobody answers
-- for in networks from which its token came. Booked days from, to.
WITH
    -- usage by network and client: sealed days, and days that are only in landing
    usage AS
    (
        SELECT day, client, network, evidence_set, requests, bytes
        FROM network_daily
        WHERE booked_day >= {from:Date} AND booked_day <= {to:Date} AND (day, booked_day) IN (SELECT day, booked_day FROM seal_current)
        UNION ALL
        SELECT toDate(hour) AS day, client, network, evidence_set, toInt64(requests) AS requests, toInt64(bytes) AS bytes
        FROM usage_batch FINAL
        WHERE toDate(hour) >= {from:Date} AND toDate(hour) <= {to:Date} AND _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current)
            AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
    ),
    -- who answers for it; a token alone is E1
    answered AS
    (
        SELECT
            toString(usage.client) AS client,
            toString(usage.network) AS network,
            answer.org_id = '' AS is_open,
            answer.org_id != '' AND (answer.org_id = {org:String} OR answer.family_id = {org:String}) AS is_own,
            toString(answer.tier) = 'E1' AS has_token,
            usage.requests AS requests,
            usage.bytes AS bytes
        FROM usage
        LEFT JOIN answering_party(attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
            ON answer.evidence_set = usage.evidence_set AND usage.day >= answer.valid_from AND usage.day < answer.valid_to
    )
SELECT
    client,
    network,
    multiIf(is_own AND has_token, 'token', is_own, 'other', 'nobody') AS carried,
    sum(requests) AS requests,
    sum(bytes) AS bytes
FROM answered
WHERE is_own OR (is_open AND network IN (SELECT network FROM answered WHERE is_own AND has_token AND network != ''))
GROUP BY client, network, carried
HAVING requests > 0
ORDER BY requests DESC, client, network, carried
