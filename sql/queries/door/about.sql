-- The engine's version and time zone, which its HTTP interface names in headers.
SELECT version() AS version, timezone() AS timezone
