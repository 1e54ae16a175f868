-- Objects that were refused and are as they were then.
SELECT source, object, reason, first_refused_at
FROM object_refused FINAL
WHERE state = 'open'
ORDER BY source, object
