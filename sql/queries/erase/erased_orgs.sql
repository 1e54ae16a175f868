-- Organisations whose names were erased, with the time of the last erasure.
SELECT org_id, toString(max(erased_at)) AS erased_at
FROM erasure FINAL
WHERE kind = 'organisation'
GROUP BY org_id
ORDER BY org_id
