-- The columns of one view.
SELECT name, type, comment
FROM system.columns
WHERE database = 'analyst' AND table = {view:String}
ORDER BY position
