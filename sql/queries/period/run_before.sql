-- The last run of a period that was recorded by a time. Later runs do not count, so that a closed period's statements do not change.
SELECT run_id
FROM allocation_run
WHERE period = {period:String} AND computed_at <= {recorded_by:DateTime64(3, 'UTC')}
ORDER BY computed_at DESC
LIMIT 1
