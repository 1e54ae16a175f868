-- The database of this session's unqualified names.
SELECT currentDatabase() AS database
