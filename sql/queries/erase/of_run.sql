-- What erasures have changed in the records of an allocation, in order.
SELECT erasure.kind AS kind, erasure.org_id AS org_id, part, sha256, toString(erasure.erased_at) AS erased_at
FROM (SELECT * FROM erasure_run FINAL WHERE run_id = {run_id:String}) AS changed
INNER JOIN (SELECT * FROM erasure FINAL) AS erasure ON erasure.erasure_id = changed.erasure_id
ORDER BY erasure.erased_at, part
