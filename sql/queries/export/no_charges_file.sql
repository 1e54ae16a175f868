-- A file of charges that holds none: the columns alone. Over HTTP, format() gives no columns of an empty text.
SELECT * EXCEPT (row)
FROM null({structure:String})
ORDER BY row
