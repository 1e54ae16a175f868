-- Usage of an organisation (or of a family, by its head) with and without a token, by client and network; and usage that nobody answers
-- for in networks from which its token came. Usage that was moved to a network's organisation counts there, as in every allocation. Booked
-- days from, to.
WITH
    -- usage by network and client: sealed days, and days that are only in landing
    usage AS
    (
        SELECT
            stored.day AS day, stored.client AS client, stored.network AS network,
            if(late.declared_set = 0 OR (stored.day, stored.booked_day) NOT IN (SELECT day, booked_day FROM usage_move WHERE attribution_version = {attribution_version:String}), stored.evidence_set, late.declared_set) AS evidence_set,
            stored.requests AS requests, stored.bytes AS bytes
        FROM network_daily AS stored
        LEFT JOIN declared_late(attribution_version = {attribution_version:String}, known_at = {evidence_known_at:DateTime64(3, 'UTC')}, first_read_at = {first_read_at:DateTime64(3, 'UTC')}) AS late
            ON late.day = stored.day AND late.network = stored.network AND late.evidence_set = stored.evidence_set
        WHERE stored.booked_day >= {from:Date} AND stored.booked_day <= {to:Date} AND (stored.day, stored.booked_day) IN (SELECT day, booked_day FROM seal_current)
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
        LEFT JOIN answering_party(attribution_version = {attribution_version:String}, known_at = '2199-01-01 00:00:00.000', billable_tiers = []) AS answer
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
