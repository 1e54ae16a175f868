-- Empties the bytes of the lines that retain/expired_lines.sql counts, by the same condition.
ALTER TABLE quarantine
UPDATE line = ''
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
SETTINGS mutations_sync = 2
