-- Settings of the engine, and the old names that it still reads.
SELECT name
FROM system.settings
