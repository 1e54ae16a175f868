-- Moves usage to ranges (/24, /48 or wider) that were declared after their traffic was read, on days whose networks are stored: the
-- view declared_late says which.
INSERT INTO usage_move
WITH
    -- the usage of stored networks, in bookings that count
    sealed AS
    (
        SELECT day, booked_day, ecosystem, requester_class, client, network, evidence_set, requests, downloads, bytes, repeat_downloads, repeat_bytes
        FROM network_daily
        WHERE network != '' AND (day, booked_day) IN (SELECT day, booked_day FROM seal_current)
    ),
    -- the usage that moves to the organisation of the winner
    moved AS
    (
        SELECT sealed.day AS day, sealed.booked_day AS booked_day, sealed.ecosystem AS ecosystem, sealed.requester_class AS requester_class, sealed.client AS client,
            sealed.evidence_set AS from_set, late.declared_set AS to_set, late.org_id AS to_org, late.tier AS to_tier, late.evidence_id AS to_id,
            sealed.requests AS requests, sealed.downloads AS downloads, sealed.bytes AS bytes, sealed.repeat_downloads AS repeat_downloads, sealed.repeat_bytes AS repeat_bytes
        FROM sealed
        INNER JOIN declared_late(attribution_version = {attribution_version:String}, known_at = {known_at:DateTime64(3, 'UTC')}, first_read_at = {first_read_at:DateTime64(3, 'UTC')}) AS late
            ON late.day = sealed.day AND late.network = sealed.network AND late.evidence_set = sealed.evidence_set
    )
SELECT
    {attribution_version:String},
    {computed_at:DateTime64(3, 'UTC')},
    day, booked_day, ecosystem, requester_class, client, moved_set, moved_org, moved_tier, moved_id,
    sum(sign * requests), sum(sign * downloads), sum(sign * bytes), sum(sign * repeat_downloads), sum(sign * repeat_bytes)
FROM
(
    SELECT *, -1 AS sign, from_set AS moved_set, '' AS moved_org, '' AS moved_tier, '' AS moved_id FROM moved
    UNION ALL
    SELECT *, 1 AS sign, to_set AS moved_set, to_org AS moved_org, toString(to_tier) AS moved_tier, to_id AS moved_id FROM moved
)
GROUP BY day, booked_day, ecosystem, requester_class, client, moved_set, moved_org, moved_tier, moved_id
UNION ALL
SELECT DISTINCT {attribution_version:String}, {computed_at:DateTime64(3, 'UTC')}, day, booked_day, '', '', '', 0, '', '', '', 0, 0, 0, 0, 0
FROM sealed
