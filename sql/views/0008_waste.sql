-- What a cache would have saved (docs/METHODOLOGY.md, "Waste"): downloads of a file that the same /24 or /48 had fetched
-- before on that day with all else equal, and their bytes. By organisation (family) or kind of unattributed usage.
CREATE OR REPLACE VIEW waste_daily
AS SELECT
    usage.day AS day,
    usage.booked_day AS booked_day,
    usage.org_id AS org_id,
    multiIf(usage.org_id = '', '', org_current.family_id = '', usage.org_id, org_current.family_id) AS family_id,
    usage.unattributed AS unattributed,
    usage.ecosystem AS ecosystem,
    usage.requester_class AS requester_class,
    usage.client AS client,
    sum(usage.downloads) AS downloads,
    sum(usage.bytes) AS bytes,
    sum(usage.repeat_downloads) AS repeat_downloads,
    sum(usage.repeat_bytes) AS repeat_bytes
FROM attributed_usage AS usage
LEFT JOIN org_current ON org_current.org_id = usage.org_id
GROUP BY day, booked_day, org_id, family_id, unattributed, ecosystem, requester_class, client
SETTINGS join_use_nulls = 0;
