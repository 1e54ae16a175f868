-- Tables and views that analysts read, as defined in the warehouse's own database. The engine lists no columns of a view with
-- parameters.
SELECT
    object.name AS name,
    object.engine AS engine,
    object.comment AS comment,
    object.parameterized_view_parameters AS parameters,
    listed.columns AS columns
FROM
(
    SELECT name, engine, comment, parameterized_view_parameters
    FROM system.tables
    WHERE database = currentDatabase() AND has({names:Array(String)}, name)
) AS object
LEFT JOIN
(
    SELECT table, arrayMap(entry -> entry.2, arraySort(groupArray((position, [name, type, comment])))) AS columns
    FROM system.columns
    WHERE database = currentDatabase() AND default_kind != 'ALIAS'
    GROUP BY table
) AS listed ON listed.table = object.name
ORDER BY name
