-- Recorded allocations, for a search of a name in the texts of people.
SELECT run_id
FROM allocation_run
WHERE arrayExists(text -> position(policy, text) > 0 OR position(costs, text) > 0 OR position(corrections, text) > 0, {texts:Array(String)})
    OR corrections != '' AND arrayExists(text -> position(corrections, text) > 0, {json_texts:Array(String)})
ORDER BY period, computed_at
