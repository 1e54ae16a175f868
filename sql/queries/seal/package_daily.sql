-- Some buckets of one day of package_daily, from the rows of seal/fetched.sql. A bucket has whole packages, so each state is complete.
-- States cannot be subtracted: a later booking's state is that of its rows, and merged with those of the others it is the day's.
INSERT INTO package_daily_staging
SELECT
    {day:Date},
    {booked_day:Date},
    substring(requester, 1, position(requester, '\0') - 1) AS ecosystem,
    package,
    uniqCombined64State(12)(cityHash64(network, assumeNotNull((SELECT salt FROM network_salt FINAL WHERE month = toStartOfMonth({day:Date}))))) AS networks
FROM {fetched:Identifier}
WHERE downloads > 0 AND package != '' AND network != ''
GROUP BY ecosystem, package
SETTINGS max_block_size = 16384
