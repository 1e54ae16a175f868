-- The database in which this session looks names up.
SELECT currentDatabase() AS database
