-- Rival (b): the transform of one log file in the engine's own SQL, one thread, one pass over the file. bench/transform/engine.ts
-- fills in {log} and runs it; the table `client` and the dictionaries `place` and `token` are loaded beforehand.
--
-- Written for speed: fields that repeat are read as LowCardinality, so that functions of one of them run once per distinct
-- value of a block; what is grouped by is as narrow as it can be without changing the groups (evidence sets as numbers,
-- networks as addresses), and becomes text after grouping.
CREATE TABLE answer ENGINE = Memory AS
WITH
    -- Parse. Lines that cannot be read are left out, as they are quarantined by the transform.
    line AS
    (
        SELECT
            toStartOfHour(timestamp) AS hour,
            request,
            request_path,
            request_query,
            user_agent,
            response_status,
            response_bytes,
            request_range,
            client_country AS country,
            toIPv6OrNull(client_ip) AS address
        FROM file({log}, 'JSONEachRow', '
            timestamp DateTime(\'UTC\'),
            client_ip String,
            client_country LowCardinality(String),
            request LowCardinality(String),
            request_path LowCardinality(String),
            request_query LowCardinality(String),
            user_agent LowCardinality(String),
            response_status UInt16,
            response_bytes UInt64,
            request_range LowCardinality(String)')
        WHERE response_status BETWEEN 100 AND 599 AND isNotNull(address)
    ),

    -- Package rules: /NAME, /@SCOPE/NAME, and /-/FILE.tgz behind either. User agents: the product that decides.
    named AS
    (
        SELECT
            *,
            extract(request_path, '^/((?:@[^/]+/)?[^/@-][^/]*)(?:/-/[^/]+\\.tgz)?$') AS package,
            extract(request_path, '/-/([^/]+\\.tgz)$') AS file,
            extract(
                replaceRegexpOne(
                    user_agent,
                    '^Mozilla/.*?(GPTBot|OAI-SearchBot|ChatGPT-User|ClaudeBot|Claude-User|Claude-SearchBot|PerplexityBot|Perplexity-User|Googlebot|bingbot|Bytespider|Amazonbot|Chrome|Firefox|Version).*$|^npm \\((verdaccio).*$',
                    '\\1\\2'),
                '^[^/ (]*') AS product,
            extract(user_agent, ' ci/([^/ ]+)') AS ci_provider,
            match(user_agent, ' agent/[\\w-]+') AS is_coding_agent,
            if(request_query = '',
                extract(user_agent, 'fairshare-token: ([^)]+)'),
                extract(request_query, 'fairshare_token=([^&]+)')) AS secret
        FROM line
    ),

    -- Prefixes and networks: one look-up of the longest prefix, the /24 or /48.
    placed AS
    (
        SELECT
            *,
            dictGet('place', ('evidence', 'used_as', 'crawler_lists'), assumeNotNull(address)) AS found,
            found.1 AS evidence,
            found.2 AS used_as,
            found.3 AS crawler_lists,
            tupleElement(IPv6CIDRToRange(assumeNotNull(address), address BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255') ? 120 : 48), 1) AS network
        FROM named
    ),

    -- Classes, in their order of precedence.
    classified AS
    (
        SELECT
            *,
            is_coding_agent ? 'ai_coding_agent' : transform(product, {products}, {kinds}, 'unknown') AS kind,
            transform(product, {products}, {crawler_lists}, '') AS claimed_list,
            multiIf(
                kind NOT IN ('package_manager', 'http_library', 'browser', 'unknown'),
                    multiIf(claimed_list = '', kind || '/user-agent',
                            position(crawler_lists, claimed_list) > 0, kind || '/published-list',
                            'unknown/contradicted'),
                ci_provider != '', 'ci/client-flag',
                used_as IN ('cloud', 'ci', 'hosting') AND kind = 'http_library', 'automation/hosting-http-library',
                used_as IN ('cloud', 'ci', 'hosting') AND product = '', 'automation/hosting-no-user-agent',
                used_as IN ('isp', 'mobile', 'cgnat') AND kind IN ('package_manager', 'browser'), 'developer/eyeball-network',
                product = '', 'unknown/no-user-agent',
                used_as = 'ci', 'unknown/ci-range-only',
                'unknown/no-evidence') AS rule_id,
            request = 'GET' AND file != '' AND (response_status = 200
                OR response_status = 206 AND (request_range = '' OR startsWith(request_range, 'bytes=0-'))) AS is_download
        FROM placed
    ),

    grouped AS
    (
        SELECT
            hour, package, file, product, ci_provider, rule_id, secret, evidence, country, network,
            count() AS requests,
            sum(response_bytes) AS bytes,
            countIf(is_download) AS downloads,
            sumIf(response_bytes, is_download) AS download_bytes,
            maxIf(response_bytes, is_download) AS max_download_bytes
        FROM classified
        GROUP BY hour, package, file, product, ci_provider, rule_id, secret, evidence, country, network
    )

-- Text again, once per group.
SELECT
    toUnixTimestamp(hour) AS hour,
    package,
    extract(file, '^[^/]*?-(\\d+\\.\\d+\\.\\d+[^/]*)\\.tgz$') AS version,
    multiIf(file != '', 'artifact', package = '', 'other', 'metadata') AS artifact,
    file,
    splitByChar('/', rule_id)[1] AS requester_class,
    multiIf(endsWith(rule_id, '/user-agent'), 'claimed',
            endsWith(rule_id, '/published-list'), 'ip_verified',
            rule_id = 'unknown/contradicted', 'contradicted', 'none') AS identity,
    transform(product, {products}, {clients}, 'unknown') AS client,
    if(ci_provider = '', -1, 1) AS ci,
    ci_provider,
    if(ci_provider = 'earthly', 1, -1) AS container,
    rule_id,
    if(secret = '', '', dictGet('token', 'id', secret)) AS token,
    dictGet('evidence', ('prefix', 'range_id', 'network_type'), evidence) AS set,
    set.1 AS prefix,
    set.2 AS range_id,
    set.3 AS network_type,
    country,
    if(startsWith(IPv6NumToString(network) AS text, '::ffff:'), substring(text, 8) || '/24', text || '/48') AS network,
    requests,
    downloads,
    bytes,
    download_bytes,
    max_download_bytes
FROM grouped
SETTINGS
    max_threads = 1,
    max_parsing_threads = 1,
    input_format_parallel_parsing = 0,
    date_time_input_format = 'best_effort',
    input_format_skip_unknown_fields = 1,
    allow_suspicious_low_cardinality_types = 1
