-- Records the names of all organisations that are known now, for the statements of a period that closes.
INSERT INTO period_name
SELECT {period:String} AS period, org_id, name
FROM org_current
