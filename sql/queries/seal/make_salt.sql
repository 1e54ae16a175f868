-- Makes the salt of a month, unless there is one.
INSERT INTO network_salt
SELECT toStartOfMonth({day:Date}), concat(toString(generateUUIDv4(1)), toString(generateUUIDv4(2)))
WHERE toStartOfMonth({day:Date}) NOT IN (SELECT month FROM network_salt)
