-- What clients say of their machines, the type of a file, the status of the answer, and how many networks fetched a package. Each has
-- a sealed table of its own, so that the rows of usage_daily stay as they are. Rows from before this migration have empty texts.

ALTER TABLE usage_batch
    ADD COLUMN IF NOT EXISTS client_facets LowCardinality(String) COMMENT 'What the client says of itself: version|runtime|its version|system|distribution|its version|processor|libc. Empty: not recorded, before migration 0025' AFTER partials,
    ADD COLUMN IF NOT EXISTS file_type LowCardinality(String) COMMENT 'wheel, sdist, jar, pom, tarball …; empty: no file, or not recorded' AFTER client_facets,
    ADD COLUMN IF NOT EXISTS status LowCardinality(String) COMMENT 'Class of the HTTP status: 2xx, 304, 3xx, 401, 403, 404, 429, 4xx, 5xx, 1xx; none: the log has none; empty: not recorded' AFTER file_type;

CREATE TABLE IF NOT EXISTS client_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    version String COMMENT 'Version as the path writes it',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    client_facets LowCardinality(String) COMMENT 'As in usage_batch; the eight columns below are its parts',
    file_type LowCardinality(String) COMMENT 'As in usage_batch',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    ci Nullable(Bool) COMMENT 'Ran in CI; NULL: not known',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    partials Int64 COMMENT 'Transfers of a part of a file',
    client_version LowCardinality(String) ALIAS extract(client_facets, '^([^|]*)') COMMENT 'Version of the client; empty: it does not say it',
    runtime LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){1}([^|]*)') COMMENT 'python, node, ruby, java, dotnet, php …; empty: not said',
    runtime_version LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){2}([^|]*)') COMMENT 'As the language counts releases: python 3.12, node 22, java 21',
    os LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){3}([^|]*)') COMMENT 'linux, macos, windows, android, ios, bsd, solaris; empty: not said',
    distro LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){4}([^|]*)') COMMENT 'Linux distribution; other: not in the list; empty: not said',
    distro_version LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){5}([^|]*)') COMMENT 'Its release',
    arch LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){6}([^|]*)') COMMENT 'x86_64, aarch64, arm, x86, ppc64le, s390x, riscv64 …; empty: not said',
    libc LowCardinality(String) ALIAS extract(client_facets, '^(?:[^|]*[|]){7}([^|]*)') COMMENT 'glibc, musl; empty: not said',
    bucket UInt8 ALIAS if(package = '', bitXor(CRC32(client), CRC32(country)), CRC32(package)) % 64 COMMENT 'As in usage_batch'
)
ENGINE = MergeTree
PARTITION BY (day, booked_day)
ORDER BY (ecosystem, package, version, client, client_facets)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed usage by day, package and what clients say of their machines; nobody is billed by it';

CREATE TABLE IF NOT EXISTS client_daily_staging AS client_daily;

CREATE TABLE IF NOT EXISTS status_daily
(
    day Date COMMENT 'Day on which the requests occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    source LowCardinality(String) COMMENT 'The configured source',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    artifact LowCardinality(String) COMMENT 'artifact, metadata, index, signature, tool, other',
    requester_class LowCardinality(String) COMMENT 'Who stands behind the requests',
    client LowCardinality(String) COMMENT 'The tool that made them',
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2; empty: not known',
    status LowCardinality(String) COMMENT 'As in usage_batch',
    requests Int64 COMMENT 'Requests',
    downloads Int64 COMMENT 'Requests that count as downloads',
    bytes Int64 COMMENT 'Bytes sent by the edge',
    partials Int64 COMMENT 'Transfers of a part of a file'
)
ENGINE = MergeTree
PARTITION BY (day, booked_day)
ORDER BY (source, ecosystem, status, requester_class, client)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed usage by day, source and class of HTTP status';

CREATE TABLE IF NOT EXISTS status_daily_staging AS status_daily;

CREATE TABLE IF NOT EXISTS package_daily
(
    day Date COMMENT 'Day on which the downloads occurred, UTC',
    booked_day Date COMMENT 'The day itself while it was open, else the day on which late rows were booked',
    ecosystem LowCardinality(String) COMMENT 'purl type, or the registry''s own name',
    package String COMMENT 'Normalised package name with its namespace',
    networks AggregateFunction(uniqCombined64(12), UInt64) COMMENT 'Distinct networks (/24, /48) that downloaded it, as a state of uniqCombined64(12) of salted hashes, about 2 % exact; uniqCombined64Merge(12)(networks) counts them over days of one month'
)
ENGINE = MergeTree
PARTITION BY (day, booked_day)
ORDER BY (ecosystem, package)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Sealed: how many networks downloaded a package. No network and no address can be read from it';

CREATE TABLE IF NOT EXISTS package_daily_staging AS package_daily;

ALTER TABLE client_daily_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0;

ALTER TABLE status_daily_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0;

ALTER TABLE package_daily_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0;

CREATE TABLE IF NOT EXISTS network_salt
(
    month Date COMMENT 'First day of a month, UTC',
    salt String COMMENT 'Random; secret. Hashed with each network of the month''s days before package_daily counts it'
)
ENGINE = ReplacingMergeTree
ORDER BY month
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Salts of package_daily; deleted with the month''s networks, after which nobody can test a network against it';

ALTER TABLE day_seal
    ADD COLUMN IF NOT EXISTS has_facets Bool DEFAULT false COMMENT 'Whether client_daily, status_daily and package_daily have this booking; false before migration 0025' AFTER sealed_at;
