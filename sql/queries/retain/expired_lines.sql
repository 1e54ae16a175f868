-- Lines whose bytes must be emptied: of ranges that were first recorded long ago (a replay does not restart their time), and of
-- loads that were given up and never counted.
SELECT count() AS lines
FROM quarantine FINAL
WHERE line != ''
    AND
    (
        batch_id IN
        (
            SELECT batch_id
            FROM
            (
                SELECT batch_id, min(recorded_at) OVER (PARTITION BY source, epoch, partition, if(object = '', first, 0)) AS since
                FROM ingest_ledger
            )
            WHERE since < toDateTime64({recorded_before:String}, 3, 'UTC')
        )
        OR has({given_up:Array(UUID)}, batch_id)
    )
