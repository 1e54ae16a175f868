-- Reads a table whole, and compares every file of every part with its checksum.
CHECK TABLE {table:Identifier}
