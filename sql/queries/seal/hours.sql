-- Usage of one day in landing by hour and class of HTTP status: few rows, of which usage_hourly and status_daily are sums. Rows of {whole} as
-- in seal/fetched.sql.
CREATE OR REPLACE TABLE {hours:Identifier}
ENGINE = Memory
AS WITH {has_whole:Bool} AND usage_batch.downloads = 0 AND max_download_bytes > 0 AND (batch_id, row) IN (SELECT batch_id, row FROM {whole:Identifier}) AS is_whole
SELECT
    batch_id, hour, ecosystem, artifact, requester_class, client, country, status,
    sum(toInt64(usage_batch.requests)) AS requests,
    sum(toInt64(usage_batch.downloads + if(is_whole, usage_batch.partials, 0))) AS downloads,
    sum(toInt64(usage_batch.bytes)) AS bytes,
    sum(toInt64(if(is_whole, 0, usage_batch.partials))) AS partials
FROM usage_batch {{final}}
WHERE toYYYYMMDD(hour) = toYYYYMMDD({day:Date}) AND batch_id IN (SELECT arrayJoin({batches:Array(UUID)}))
GROUP BY batch_id, hour, ecosystem, artifact, requester_class, client, country, status
