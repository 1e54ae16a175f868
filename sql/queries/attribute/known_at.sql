-- The `known_at` of the latest attribution. No row if there is none.
SELECT toString(max(known_at)) AS known_at
FROM attribution_run
WHERE attribution_version = {version:String}
HAVING count() > 0
