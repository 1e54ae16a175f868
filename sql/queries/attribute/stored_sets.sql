-- Those of the given evidence sets that are stored.
SELECT toString(id) AS id
FROM evidence_set FINAL
WHERE evidence_set.id IN (SELECT toUInt64(arrayJoin({sets:Array(String)})))
