-- Formats that the engine reads and writes, with their content types.
SELECT name, content_type, is_input, is_output
FROM system.formats
