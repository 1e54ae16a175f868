-- Lets the engine delete the files of replaced parts at once, instead of after eight minutes.
ALTER TABLE {table:Identifier} MODIFY SETTING old_parts_lifetime = 0
