-- Charges as they were computed, in their order: rows of JSON read by the engine, so that it can write them in any format.
SELECT * EXCEPT (row)
FROM format(JSONEachRow, {structure:String}, {data:String})
ORDER BY row
