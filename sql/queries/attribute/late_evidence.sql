-- Whether there is anything to move: ranges that were declared after their traffic was read, or rows that were moved before.
SELECT
    (
        SELECT count()
        FROM org_evidence FINAL
        WHERE kind = 'cidr'
            AND recorded_at <= {known_at:DateTime64(3, 'UTC')} AND retracted_at > {known_at:DateTime64(3, 'UTC')}
            AND recorded_at > {first_read_at:DateTime64(3, 'UTC')}
    )
    + (SELECT count() FROM usage_move WHERE attribution_version = {attribution_version:String}) AS rows
