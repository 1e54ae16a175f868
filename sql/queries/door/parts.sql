-- Every table's directory, with the parts that the engine reads; a table without parts has one row without a name.
SELECT arrayJoin(tables.data_paths) AS path, parts.name
FROM system.tables AS tables
LEFT JOIN (SELECT database, table, name FROM system.parts WHERE active) AS parts
  ON parts.database = tables.database AND parts.table = tables.name
WHERE tables.database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') AND tables.engine LIKE '%MergeTree'
