-- Sets back how long the engine keeps the files of replaced parts.
ALTER TABLE {table:Identifier} RESET SETTING old_parts_lifetime
