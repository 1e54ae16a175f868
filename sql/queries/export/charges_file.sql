-- Charges as computed, in their order. The engine reads them as rows of JSON, so that it can write them in any format.
SELECT * EXCEPT (row)
FROM format(JSONEachRow, {structure:String}, {data:String})
ORDER BY row
