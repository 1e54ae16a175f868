-- Every function of the engine. An alias names the function that it stands for.
SELECT name, alias_to, case_insensitive
FROM system.functions
