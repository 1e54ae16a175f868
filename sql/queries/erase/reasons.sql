-- Reasons of corrections that people wrote.
SELECT id, reason
FROM correction
WHERE arrayExists(text -> position(reason, text) > 0, {texts:Array(String)})
GROUP BY id, reason
