-- The same job in the engine's SQL: parse, package rules, clients and classes, prefixes, networks, grouping. It knows the
-- shapes that stand in this month and no others: the rules of transform/ are wider. One thread; dictionaries are made before.
INSERT INTO grouped
WITH
    lines AS
    (
        SELECT
            toStartOfHour(timestamp) AS hour,
            request, request_path, request_query, user_agent, response_status, response_bytes, request_range,
            client_country AS country,
            toIPv6(client_ip) AS address,
            if(position(client_ip, ':') = 0,
                concat(substring(client_ip, 1, length(client_ip) - position(reverse(client_ip), '.')), '.0/24'),
                concat(IPv6NumToString(tupleElement(IPv6CIDRToRange(toIPv6(client_ip), 48), 1)), '/48')) AS network
        FROM file({path:String}, 'JSONEachRow', 'timestamp DateTime(\'UTC\'), client_ip String, client_country String, request String, request_path String, request_query String, user_agent String, response_status UInt16, response_bytes UInt64, request_range String')
    ),
    named AS
    (
        SELECT
            *,
            extract(user_agent, '\\(fairshare-token: ([^)]*)\\)') AS agent_token,
            if(agent_token = '', user_agent, replaceRegexpOne(user_agent, ' ?\\(fairshare-token: [^)]*\\)', '')) AS agent,
            if(agent_token != '', agent_token, if(request_query = '', '', extract(request_query, '(?:^|&)fairshare_token=([^&]*)'))) AS token,
            if(token = '', '', dictGetOrDefault('token_id', 'id', lower(hex(SHA256(token))), '')) AS token_id,
            dictGetOrDefault('registry_prefix', 'text', tuple(address), '') AS prefix,
            dictGetOrDefault('published_range', 'text', tuple(address), '') AS range_text,
            splitByChar('|', range_text)[1] AS range_id,
            dictGetOrDefault('network_type', 'text', tuple(address), '') AS network_type,
            dictGetOrDefault('crawler_list', 'text', tuple(address), '') AS crawler_list,
            if(range_text != '', splitByChar('|', range_text)[2], network_type) AS used_as,
            -- packages
            position(request_path, '/-/') AS dash,
            dash > 1 AND endsWith(request_path, '.tgz') AS is_tarball,
            multiIf(is_tarball, substring(request_path, 2, dash - 2), startsWith(request_path, '/-/'), '', substring(request_path, 2)) AS package,
            if(is_tarball, splitByChar('/', request_path)[-1], '') AS file,
            if(is_tarball, substring(file, length(splitByChar('/', package)[-1]) + 2, length(file) - length(splitByChar('/', package)[-1]) - 5), '') AS version,
            multiIf(is_tarball, 'artifact', package = '', 'other', 'metadata') AS artifact,
            is_tarball AND request = 'GET' AND (response_status = 200 OR (response_status = 206 AND match(request_range, '^(?:$|bytes=0+-|bytes=-)'))) AS is_download,
            -- clients
            multiIf(
                agent = '', 'none',
                startsWith(agent, 'npm/'), 'npm',
                startsWith(agent, 'pnpm/'), 'pnpm',
                startsWith(agent, 'yarn/'), 'yarn',
                startsWith(agent, 'Artifactory/'), 'artifactory',
                startsWith(agent, 'Nexus/'), 'nexus',
                startsWith(agent, 'Bun/'), 'bun',
                startsWith(agent, 'python-requests/'), 'python-requests',
                startsWith(agent, 'trivy/'), 'trivy',
                startsWith(agent, 'dependabot-core/'), 'dependabot',
                startsWith(agent, 'got ('), 'got',
                startsWith(agent, 'Go-http-client/'), 'go-http-client',
                startsWith(agent, 'curl/'), 'curl',
                startsWith(agent, 'osv-scanner/'), 'osv-scanner',
                startsWith(agent, 'grype/'), 'grype',
                startsWith(agent, 'RenovateBot/'), 'renovate',
                startsWith(agent, 'Deno/'), 'deno',
                startsWith(agent, 'npm (verdaccio/'), 'verdaccio',
                startsWith(agent, 'syft/'), 'syft',
                startsWith(agent, 'Wget/'), 'wget',
                position(agent, 'GPTBot/') > 0, 'gptbot',
                position(agent, 'Googlebot/') > 0, 'googlebot',
                position(agent, 'ClaudeBot/') > 0, 'claudebot',
                position(agent, 'bingbot/') > 0, 'bingbot',
                position(agent, 'CCBot/') > 0, 'ccbot',
                position(agent, 'OAI-SearchBot/') > 0, 'oai-searchbot',
                position(agent, 'ChatGPT-User/') > 0, 'chatgpt-user',
                position(agent, 'meta-externalagent/') > 0, 'meta-externalagent',
                position(agent, 'Bytespider') > 0, 'bytespider',
                position(agent, 'Amazonbot/') > 0, 'amazonbot',
                position(agent, 'PerplexityBot/') > 0, 'perplexitybot',
                position(agent, 'Claude-User') > 0, 'claude-user',
                position(agent, 'Perplexity-User/') > 0, 'perplexity-user',
                position(agent, 'Claude-SearchBot') > 0, 'claude-searchbot',
                position(agent, 'Firefox/') > 0, 'firefox',
                position(agent, 'Chrome/') > 0, 'chrome',
                position(agent, 'Safari/') > 0, 'safari',
                'unknown') AS client,
            if(client = 'npm', extract(agent, ' ci/([a-z0-9-]+)'), '') AS ci_provider,
            client = 'npm' AND position(agent, ' agent/') > 0 AS is_agent,
            -- the published list of a named crawler, and its class
            transform(client,
                ['gptbot', 'googlebot', 'claudebot', 'bingbot', 'ccbot', 'oai-searchbot', 'chatgpt-user', 'perplexitybot', 'claude-user', 'perplexity-user', 'claude-searchbot'],
                ['openai-gptbot', 'google-googlebot', 'anthropic-bots', 'microsoft-bingbot', 'commoncrawl-ccbot', 'openai-searchbot', 'openai-chatgpt-user', 'perplexity-bot', 'anthropic-bots', 'perplexity-user', 'anthropic-bots'],
                '') AS list_of_client,
            transform(client,
                ['artifactory', 'nexus', 'verdaccio', 'dependabot', 'renovate', 'trivy', 'osv-scanner', 'grype', 'syft', 'gptbot', 'claudebot', 'ccbot', 'meta-externalagent', 'bytespider', 'amazonbot', 'oai-searchbot', 'perplexitybot', 'claude-searchbot', 'chatgpt-user', 'claude-user', 'perplexity-user', 'googlebot', 'bingbot'],
                ['mirror_proxy', 'mirror_proxy', 'mirror_proxy', 'update_bot', 'update_bot', 'security_scanner', 'security_scanner', 'security_scanner', 'security_scanner', 'ai_training', 'ai_training', 'ai_training', 'ai_training', 'ai_training', 'ai_training', 'ai_search', 'ai_search', 'ai_search', 'ai_user_fetch', 'ai_user_fetch', 'ai_user_fetch', 'search_bot', 'search_bot'],
                '') AS declared_class
        FROM lines
    ),
    decided AS
    (
        SELECT
            *,
            list_of_client != '' AND list_of_client != crawler_list AS contradicted,
            multiIf(
                contradicted, 'unknown',
                declared_class != '', declared_class,
                is_agent, 'ai_coding_agent',
                ci_provider != '', 'ci',
                used_as IN ('cloud', 'ci', 'hosting') AND client IN ('curl', 'wget', 'got', 'python-requests', 'go-http-client', 'none'), 'automation',
                used_as IN ('isp', 'mobile', 'cgnat') AND client IN ('npm', 'pnpm', 'yarn', 'bun', 'deno', 'chrome', 'firefox', 'safari'), 'developer',
                'unknown') AS requester_class,
            multiIf(contradicted, 'contradicted', declared_class != '' AND list_of_client != '', 'ip_verified', declared_class != '' OR is_agent, 'claimed', 'none') AS identity
        FROM named
    )
SELECT
    hour, package, version, artifact, file, requester_class, identity, client, ci_provider, token_id, prefix, range_id, network_type, network, country,
    count() AS requests,
    sum(is_download) AS downloads,
    sum(response_bytes) AS bytes,
    sumIf(response_bytes, is_download) AS download_bytes,
    maxIf(response_bytes, is_download) AS max_download_bytes
FROM decided
GROUP BY hour, package, version, artifact, file, requester_class, identity, client, ci_provider, token_id, prefix, range_id, network_type, network, country
SETTINGS max_threads = 1, max_insert_threads = 1, max_parsing_threads = 1, input_format_parallel_parsing = 0, input_format_skip_unknown_fields = 1
