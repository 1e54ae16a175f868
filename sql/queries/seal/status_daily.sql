-- One day of status_daily, from the rows of seal/hours.sql; bookings as in seal/usage_daily.sql. {sources} runs beside {batches}.
INSERT INTO status_daily_staging
SELECT
    {day:Date},
    {booked_day:Date},
    source, ecosystem, artifact, requester_class, client, country, status,
    sum(sourced.requests) AS requests,
    sum(sourced.downloads) AS downloads,
    sum(sourced.bytes) AS bytes,
    sum(sourced.partials) AS partials
FROM
(
    SELECT listed.2 AS source, ecosystem, artifact, requester_class, client, country, status, hours.requests AS requests, hours.downloads AS downloads, hours.bytes AS bytes, hours.partials AS partials
    FROM {hours:Identifier} AS hours
    INNER JOIN (SELECT arrayJoin(arrayZip({batches:Array(UUID)}, {sources:Array(String)})) AS listed) AS sources ON sources.listed.1 = hours.batch_id
    UNION ALL
    SELECT source, ecosystem, artifact, requester_class, client, country, status, -requests, -downloads, -bytes, -partials
    FROM status_daily
    WHERE day = {day:Date} AND booked_day != {booked_day:Date} AND {subtract:Bool}
) AS sourced
GROUP BY source, ecosystem, artifact, requester_class, client, country, status
HAVING requests != 0 OR downloads != 0 OR bytes != 0 OR partials != 0
