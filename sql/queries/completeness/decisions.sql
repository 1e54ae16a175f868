-- What people decided last about days that are held back.
SELECT source, day, kind, number, state, came, found, reason, decided_by, recorded_at
FROM day_decision FINAL
ORDER BY day, source, kind, number DESC
LIMIT 1 BY day, source, kind
