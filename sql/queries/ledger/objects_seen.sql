-- When objects of a source were first seen: all of them, or those with the given names.
SELECT object, content, toUnixTimestamp64Milli(min(seen_at)) AS seen_ms
FROM object_seen
WHERE source = {source:String} AND ({all:Bool} OR has({objects:Array(String)}, object))
GROUP BY object, content
ORDER BY object, content
