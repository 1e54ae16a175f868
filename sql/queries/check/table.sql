-- Reads a table whole, and compares every file of every part with its checksum.
CHECK TABLE {table:Identifier}
SETTINGS check_query_single_value_result = 0
