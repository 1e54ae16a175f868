-- A retraction of rows that are in closed figures alone can be undone, by a revision of its own.

ALTER TABLE revision COMMENT COLUMN reason 'rules: the rules changed; claim: a worker took a partition; retract, replay: a range is about to be replaced; restore: a retraction is about to be undone'
