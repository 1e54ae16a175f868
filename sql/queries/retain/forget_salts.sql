-- Deletes the salts of months without networks, up to the month of {last}: from then on nobody can test a network against package_daily.
ALTER TABLE network_salt
DELETE WHERE month <= toStartOfMonth({last:Date}) AND month NOT IN (SELECT toStartOfMonth(day) FROM network_daily)
SETTINGS mutations_sync = 2
