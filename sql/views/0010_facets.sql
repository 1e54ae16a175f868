-- Usage by what clients say of their machines, by status and by number of networks, and the questions that download pages answer.
-- Bookings that were sealed before the facet tables were there come from usage_daily and say 'not recorded', so that every sum is
-- the sum of all usage.

CREATE OR REPLACE VIEW client_usage
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace; empty where the path names none',
    version String COMMENT 'Version as the path writes it',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    client_version String COMMENT 'Version of the client; empty: the client does not say it; not recorded: the day is older than this figure',
    runtime String COMMENT 'python, node, ruby, java, dotnet, php …; empty: the client does not say it; not recorded: the day is older than this figure',
    runtime_version String COMMENT 'As the language counts its releases: python 3.12, node 22, java 21; empty: the client does not say it; not recorded: the day is older than this figure',
    os String COMMENT 'linux, macos, windows, android, ios, bsd, solaris; empty: the client does not say it; not recorded: the day is older than this figure',
    distro String COMMENT 'Linux distribution; other: not in the list; empty: the client does not say it; not recorded: the day is older than this figure',
    distro_version String COMMENT 'Release of the distribution; empty: the client does not say it; not recorded: the day is older than this figure',
    arch String COMMENT 'x86_64, aarch64, arm, x86, ppc64le, s390x, riscv64 …; empty: the client does not say it; not recorded: the day is older than this figure',
    libc String COMMENT 'glibc, musl; empty: the client does not say it; not recorded: the day is older than this figure',
    file_type String COMMENT 'wheel, sdist, jar, pom, tarball …; empty: no file; not recorded: as above',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    audience LowCardinality(String) COMMENT 'Whom a download counts for, in four kinds that do not overlap: mirror (mirror_proxy), bot (update bots, scanners, AI agents, search bots, other crawlers), ci (others that say that they run in CI), other',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole'
)
COMMENT 'All usage by what clients say of their machines: sealed days from client_daily, other days from landing'
AS
WITH
    if(client_facets = '', arrayWithConstant(8, 'not recorded'), splitByChar('|', client_facets)) AS facets,
    multiIf(
        requester_class = 'mirror_proxy', 'mirror',
        requester_class IN ('update_bot', 'security_scanner', 'ai_training', 'ai_search', 'ai_user_fetch', 'ai_coding_agent', 'search_bot', 'other_crawler'), 'bot',
        requester_class = 'ci' OR ifNull(ci, false), 'ci',
        'other') AS audience_of_row
SELECT
    day, booked_day, ecosystem, package, version, client,
    facets[1] AS client_version,
    facets[2] AS runtime,
    facets[3] AS runtime_version,
    facets[4] AS os,
    facets[5] AS distro,
    facets[6] AS distro_version,
    facets[7] AS arch,
    facets[8] AS libc,
    if(client_facets = '', 'not recorded', type_of_file) AS file_type,
    requester_class, ci, audience_of_row AS audience, country, requests, downloads, bytes, partials
FROM
(
    SELECT day, booked_day, ecosystem, package, version, client, client_facets, file_type AS type_of_file, requester_class, ci, country, requests, downloads, bytes, partials
    FROM client_daily
    WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current WHERE has_facets)
    UNION ALL
    SELECT day, booked_day, ecosystem, package, version, client, '' AS client_facets, '' AS type_of_file, requester_class, ci, country, requests, downloads, bytes, partials
    FROM usage_daily
    WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current WHERE NOT has_facets)
    UNION ALL
    SELECT toDate(hour) AS day, day AS booked_day, ecosystem, package, version, client, client_facets, file_type AS type_of_file, requester_class, ci, country, toInt64(usage_batch.requests), toInt64(usage_batch.downloads), toInt64(usage_batch.bytes), toInt64(usage_batch.partials)
    FROM usage_batch FINAL
    WHERE _partition_id NOT IN (SELECT toString(toYYYYMMDD(day)) FROM seal_current) -- skips the landing of sealed days
        AND batch_id IN (SELECT batch_id FROM ledger_current WHERE state = 'loaded')
);

CREATE OR REPLACE VIEW status_usage
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked; months sum by it',
    source LowCardinality(String) COMMENT 'The configured source; not recorded: the day is older than this figure',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Kind of program behind the requests (docs/METHODOLOGY.md)',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    status LowCardinality(String) COMMENT 'Class of the HTTP status: 2xx, 304, 3xx, 401, 403, 404, 429, 4xx, 5xx, 1xx; none: the log has none; not recorded: the day is older than this figure',
    requests Int64 COMMENT 'Requests; negative rows take requests back',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    partials Int64 COMMENT 'Transfers of a part of a file, or not known to be whole'
)
COMMENT 'Usage of sealed days by source and class of HTTP status: what was refused, and why'
AS
SELECT day, booked_day, source, ecosystem, artifact, requester_class, client, country, if(status = '', 'not recorded', status) AS status, requests, downloads, bytes, partials
FROM status_daily
WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current WHERE has_facets)
UNION ALL
SELECT day, booked_day, 'not recorded' AS source, ecosystem, artifact, requester_class, client, country, 'not recorded' AS status, sum(usage_daily.requests), sum(usage_daily.downloads), sum(usage_daily.bytes), sum(usage_daily.partials)
FROM usage_daily
WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current WHERE NOT has_facets)
GROUP BY day, booked_day, ecosystem, artifact, requester_class, client, country;

CREATE OR REPLACE VIEW package_reach
(
    day Date COMMENT 'Day on which the downloads occurred, UTC; sealed days only',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    networks AggregateFunction(uniqCombined64(12), UInt64) COMMENT 'Distinct networks (/24, /48) that downloaded it: uniqCombined64Merge(12)(networks) counts them, about 2 % exact, over days of one month'
)
COMMENT 'How many networks downloaded a package. Days that are older than this figure have no rows: see facet_days'
AS
SELECT day, ecosystem, package, networks
FROM package_daily
WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current WHERE has_facets);

CREATE OR REPLACE VIEW facet_days
(
    day Date COMMENT 'A sealed day, UTC',
    is_recorded Bool COMMENT 'Whether client_usage, status_usage and package_reach know its clients, statuses and networks; false: it was sealed before they were recorded'
)
COMMENT 'Which sealed days have facets of clients, statuses and networks'
AS
SELECT day, min(has_facets) AS is_recorded
FROM seal_current
GROUP BY day;

CREATE OR REPLACE VIEW downloads_by_day
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by day, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_version
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    version String COMMENT 'Version as the path writes it',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by its version, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package, version,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package, version
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_installer
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    client_version String COMMENT 'Version of the client; empty: not said; not recorded: the day is older than this figure',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by the tool that fetched it, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package, client, client_version,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package, client, client_version
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_runtime
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    runtime String COMMENT 'python, node, ruby, java, dotnet, php …; empty: not said; not recorded: the day is older than this figure',
    runtime_version String COMMENT 'As the language counts its releases: python 3.12, node 22, java 21; empty: not said; not recorded: the day is older than this figure',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by the language runtime of the client, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package, runtime, runtime_version,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package, runtime, runtime_version
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_system
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    os String COMMENT 'linux, macos, windows, android, ios, bsd, solaris; empty: not said; not recorded: the day is older than this figure',
    distro String COMMENT 'Linux distribution; other: not in the list; empty: not said; not recorded: the day is older than this figure',
    distro_version String COMMENT 'Release of the distribution; empty: not said; not recorded: the day is older than this figure',
    arch String COMMENT 'x86_64, aarch64, arm, x86, ppc64le, s390x, riscv64 …; empty: not said; not recorded: the day is older than this figure',
    libc String COMMENT 'glibc, musl; empty: not said; not recorded: the day is older than this figure',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by operating system, distribution, processor and libc, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package, os, distro, distro_version, arch, libc,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package, os, distro, distro_version, arch, libc
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_type
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    file_type String COMMENT 'wheel, sdist, jar, pom, tarball …; empty: not said; not recorded: the day is older than this figure',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by type of file, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package, file_type,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package, file_type
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_country
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    downloads Int64 COMMENT 'All downloads; subtract one or more of the next three, which do not overlap',
    mirror_downloads Int64 COMMENT 'Of them, by mirrors and proxies: audience mirror',
    bot_downloads Int64 COMMENT 'Of them, by update bots, scanners, AI agents, search bots and other crawlers',
    ci_downloads Int64 COMMENT 'Of them, by others that say that they run in CI',
    bytes Int64 COMMENT 'Bytes sent by the edge, for all requests'
)
COMMENT 'Downloads of a package by country, with mirrors, bots and CI apart'
AS
SELECT
    day, ecosystem, package, country,
    sum(client_usage.downloads) AS downloads,
    sumIf(client_usage.downloads, audience = 'mirror') AS mirror_downloads,
    sumIf(client_usage.downloads, audience = 'bot') AS bot_downloads,
    sumIf(client_usage.downloads, audience = 'ci') AS ci_downloads,
    sum(client_usage.bytes) AS bytes
FROM client_usage
WHERE package != ''
GROUP BY day, ecosystem, package, country
HAVING downloads != 0;

CREATE OR REPLACE VIEW downloads_by_week
(
    week Date COMMENT 'Monday of the week, UTC',
    days UInt64 COMMENT 'Sealed days of the week: 7 is a whole week',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    downloads Int64 COMMENT 'Downloads without those of mirrors and bots',
    previous_downloads Int64 COMMENT 'The same, of the week before',
    previous_days UInt64 COMMENT 'Sealed days of the week before',
    change_percent Nullable(Float64) COMMENT 'Change from the week before; NULL: one of the two is not a whole week, or the week before has no downloads'
)
COMMENT 'Downloads of a package week over week, sealed days only'
AS
WITH
    sealed_days AS
    (
        SELECT toMonday(day) AS week, uniqExact(day) AS days
        FROM seal_current
        GROUP BY week
    ),
    daily AS
    (
        SELECT toMonday(day) AS week, ecosystem, package, sum(downloads - mirror_downloads - bot_downloads) AS wanted
        FROM downloads_by_day
        WHERE day IN (SELECT day FROM seal_current)
        GROUP BY week, ecosystem, package
    )
SELECT
    weeks.week AS week,
    this_week.days AS days,
    ecosystem,
    package,
    sum(weeks.now) AS downloads,
    sum(weeks.before) AS previous_downloads,
    last_week.days AS previous_days,
    if(days = 7 AND previous_days = 7 AND previous_downloads > 0, round(100 * (downloads - previous_downloads) / previous_downloads, 1), NULL) AS change_percent
FROM
(
    SELECT week, ecosystem, package, wanted AS now, 0 AS before
    FROM daily
    UNION ALL
    SELECT week + 7, ecosystem, package, 0, wanted
    FROM daily
) AS weeks
INNER JOIN sealed_days AS this_week ON this_week.week = weeks.week
LEFT JOIN sealed_days AS last_week ON last_week.week = weeks.week - 7
GROUP BY week, days, ecosystem, package, previous_days;

CREATE OR REPLACE VIEW top_risers
(
    week Date COMMENT 'Monday of the last whole week that follows a whole week, UTC',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    downloads Int64 COMMENT 'Downloads without those of mirrors and bots',
    previous_downloads Int64 COMMENT 'The same, of the week before',
    rise Int64 COMMENT 'How many more',
    change_percent Nullable(Float64) COMMENT 'Change from the week before; NULL: no downloads then'
)
COMMENT 'Packages with more downloads in the last whole week than in the week before; no row: no two whole weeks are sealed'
AS
SELECT week, ecosystem, package, downloads, previous_downloads, downloads - previous_downloads AS rise, change_percent
FROM downloads_by_week
WHERE downloads > previous_downloads AND week =
(
    SELECT maxOrNull(week)
    FROM (SELECT toMonday(day) AS week, uniqExact(day) AS days FROM seal_current GROUP BY week HAVING days = 7)
    WHERE week - 7 IN (SELECT toMonday(day) AS week FROM seal_current GROUP BY week HAVING uniqExact(day) = 7)
);
