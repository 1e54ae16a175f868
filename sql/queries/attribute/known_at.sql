-- As known at which time an attribution was computed last. No row where it never was.
SELECT toString(max(known_at)) AS known_at
FROM attribution_run
WHERE attribution_version = {version:String}
HAVING count() > 0
