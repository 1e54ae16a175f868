-- Log objects that are refused and not given up, of one source or of all.
SELECT source, object, content, reason, toString(first_refused_at) AS first_refused_at, toString(last_refused_at) AS last_refused_at, state, decision
FROM object_refused FINAL
WHERE state = 'open' AND ({source:String} = '' OR source = {source:String})
ORDER BY source, object
