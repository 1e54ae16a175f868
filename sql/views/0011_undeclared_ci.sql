-- How much of what declares nothing is CI, by month and client (docs/METHODOLOGY.md, "How much of the rest is CI"). Nothing of it is billed.
-- Of sealed days, as long as network_daily is kept.

-- What each client said of CI, by network. The truth of a network's traffic may be known another way: its address is in a published
-- range of a CI provider, or it carries a token that an organisation marked as CI's. The token wins, because it is more exact.
CREATE OR REPLACE VIEW ci_flag_by_network
(
    period String COMMENT 'YYYY-MM: the month in which the requests occurred',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    known_by LowCardinality(String) COMMENT 'How it is known that CI made the requests: range, token; empty: it is not known',
    known_group String COMMENT 'Provider of the range, or organisation of the token; empty: it is not known',
    network String COMMENT 'The /24 or /48 in CIDR notation; empty: not known',
    flagged_requests Int64 COMMENT 'Requests that declare CI',
    undeclared_requests Int64 COMMENT 'Requests of the class hosted or unknown'
)
COMMENT 'Requests that declare CI, and requests that declare nothing, by client and network; restricted, as long as network_daily is kept'
AS
WITH known AS
(
    SELECT
        evidence.id AS evidence_set,
        multiIf(token.org_id != '', 'token', range.provider != '', 'range', '') AS known_by,
        if(token.org_id != '', token.org_id, toString(range.provider)) AS known_group
    FROM (SELECT * FROM evidence_set FINAL WHERE token_id IS NOT NULL OR range_id IS NOT NULL) AS evidence
    LEFT JOIN (SELECT evidence_id, org_id FROM org_evidence FINAL WHERE state = 0 AND ci) AS token ON token.evidence_id = ifNull(evidence.token_id, '')
    LEFT JOIN (SELECT DISTINCT provider, concat(provider, ':', cidr) AS range_id FROM network_range FINAL WHERE type = 'ci') AS range ON range.range_id = ifNull(evidence.range_id, '')
)
SELECT
    formatDateTime(day, '%Y-%m') AS period,
    client,
    known.known_by AS known_by,
    known.known_group AS known_group,
    network,
    sumIf(usage.requests, requester_class = 'ci') AS flagged_requests,
    sumIf(usage.requests, requester_class != 'ci') AS undeclared_requests
FROM network_daily AS usage
LEFT JOIN known ON known.evidence_set = usage.evidence_set
WHERE (day, booked_day) IN (SELECT day, booked_day FROM seal_current) AND requester_class IN ('ci', 'hosted', 'unknown')
GROUP BY period, client, known_by, known_group, network
HAVING flagged_requests >= 0 AND undeclared_requests >= 0 AND flagged_requests + undeclared_requests > 0;

-- How often CI declares itself, by group of known traffic: a provider, or an organisation. The requests of a network are not independent, so the
-- variance is that of networks: of the ratio of their sums (linearised), on the scale of log-odds.
CREATE OR REPLACE VIEW ci_flag_coverage
(
    period String COMMENT 'YYYY-MM: the month in which the requests occurred',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    known_by LowCardinality(String) COMMENT 'How it is known that CI made the requests: range (of a CI provider), token (marked as CI''s)',
    known_group String COMMENT 'Provider of the range, or organisation of the token',
    networks UInt64 COMMENT 'Networks (/24, /48)',
    requests Int64 COMMENT 'Requests that declare CI, or nothing',
    flagged_requests Int64 COMMENT 'Those that declare CI',
    coverage Float64 COMMENT 'Share of the requests that declare CI, with half a request added to both kinds',
    concentration Float64 COMMENT 'Sum of the squared shares of the networks: 1 if one network made all requests',
    log_odds_variance Float64 COMMENT 'Variance of ln(coverage / (1 - coverage)), from the differences between networks',
    is_used Bool COMMENT 'Whether undeclared_ci uses this group: it has five networks and 100 requests'
)
COMMENT 'How often a client declares CI, where CI is known another way'
AS
SELECT
    period, client, known_by, known_group, networks, requests, flagged_requests,
    (flagged_requests + 0.5) / (requests + 1) AS coverage,
    squares / pow(requests, 2) AS concentration,
    greatest(
        networks / greatest(1, networks - 1)
            * (flagged_squares - 2 * coverage * products + pow(coverage, 2) * squares)
            / pow(requests * coverage * (1 - coverage), 2),
        0.02 * concentration / (coverage * (1 - coverage))
    ) AS log_odds_variance,
    networks >= 5 AND requests >= 100 AS is_used
FROM
(
    SELECT
        period, client, known_by, known_group,
        count() AS networks,
        sum(flag.flagged_requests) AS flagged_requests,
        sum(flag.flagged_requests + flag.undeclared_requests) AS requests,
        sum(pow(flag.flagged_requests, 2)) AS flagged_squares,
        sum(pow(flag.flagged_requests + flag.undeclared_requests, 2)) AS squares,
        sum(toFloat64(flag.flagged_requests) * (flag.flagged_requests + flag.undeclared_requests)) AS products
    FROM ci_flag_by_network AS flag
    WHERE known_by != ''
    GROUP BY period, client, known_by, known_group
);

-- The estimate. Requests of unknown truth that declare CI are F; if CI declares itself with the probability c there, too, then F (1 - c) / c
-- requests of CI declare nothing. c is the mean of the known groups (random effects, DerSimonian and Laird), and its error is that of the
-- mean, of the differences between groups, and of the networks of unknown truth. It is silent unless three groups agree, and the networks
-- of unknown truth declare CI about as often as known CI does.
CREATE OR REPLACE VIEW undeclared_ci
(
    period String COMMENT 'YYYY-MM: the month in which the requests occurred',
    client LowCardinality(String) COMMENT 'The tool that made the requests',
    undeclared_requests Int64 COMMENT 'Requests of the class hosted or unknown, of sealed days',
    known_ci_requests Int64 COMMENT 'Those of them that CI is known to have made: from a range of a CI provider, or with a token marked as CI''s',
    flagged_requests Int64 COMMENT 'Requests that declare CI, and of which nothing else is known',
    flagged_networks UInt64 COMMENT 'Networks of these requests',
    groups UInt64 COMMENT 'Groups of known CI that could be used, see ci_flag_coverage',
    coverage Nullable(Float64) COMMENT 'Share of known CI that declares itself, mean of the groups; NULL: there is no group',
    between_groups Nullable(Float64) COMMENT 'Standard deviation between groups, of ln(coverage / (1 - coverage)); NULL: there is no group',
    ci_requests Nullable(Int64) COMMENT 'Estimate: how many of the undeclared requests are CI''s; NULL: nothing can be said',
    ci_requests_low Nullable(Int64) COMMENT 'Lower end of its 90 % interval',
    ci_requests_high Nullable(Int64) COMMENT 'Upper end of its 90 % interval',
    ci_share Nullable(Float64) COMMENT 'ci_requests as a share of undeclared_requests',
    ci_share_low Nullable(Float64) COMMENT 'Lower end of its 90 % interval',
    ci_share_high Nullable(Float64) COMMENT 'Upper end of its 90 % interval',
    silent_because LowCardinality(String) COMMENT 'Why nothing can be said: few_groups, few_networks, groups_differ, unknown_flags_less, unknown_flags_more; empty: there is an estimate'
)
COMMENT 'Estimate, never billed: how many requests that declare nothing are CI''s, by month and client'
AS
WITH
    known AS
    (
        SELECT
            period,
            client,
            count() AS groups,
            sum(1 / log_odds_variance) AS weight,
            sum(1 / pow(log_odds_variance, 2)) AS weight_squares,
            groupArray((log(coverage / (1 - coverage)), log_odds_variance)) AS each,
            arraySum(arrayMap(one -> one.1 / one.2, each)) / weight AS fixed,
            -- Cochran's Q, and DerSimonian and Laird's variance between the groups
            arraySum(arrayMap(one -> pow(one.1 - fixed, 2) / one.2, each)) AS q,
            if(groups > 1, greatest(0, (q - groups + 1) / (weight - weight_squares / weight)), 0) AS between,
            arraySum(arrayMap(one -> 1 / (one.2 + between), each)) AS random_weight,
            arraySum(arrayMap(one -> one.1 / (one.2 + between), each)) / random_weight AS log_odds,
            -- Hartung and Knapp's variance of the mean, never below the usual one
            greatest(1, arraySum(arrayMap(one -> pow(one.1 - log_odds, 2) / (one.2 + between), each)) / greatest(1, groups - 1)) / random_weight AS mean_variance,
            sum(log_odds_variance) / sum(concentration) AS network_variance,
            -- 90 % points of Student's t by degrees of freedom
            [3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372][greatest(1, least(groups - 1, 10))] AS t
        FROM ci_flag_coverage
        WHERE is_used
        GROUP BY period, client
    ),
    -- How often networks of known CI declare it: each group weighs the same.
    known_networks AS
    (
        SELECT
            flag.period AS period,
            flag.client AS client,
            quantilesExactWeighted(0.5, 0.75, 0.9)(
                flag.flagged_requests / (flag.flagged_requests + flag.undeclared_requests),
                toUInt64(ceil(1e6 * flag.flagged_requests / used.flagged_requests))
            ) AS shares
        FROM ci_flag_by_network AS flag
        INNER JOIN (SELECT * FROM ci_flag_coverage WHERE is_used) AS used
            ON used.period = flag.period AND used.client = flag.client AND used.known_by = flag.known_by AND used.known_group = flag.known_group
        WHERE flag.flagged_requests > 0
        GROUP BY period, client
    ),
    undeclared AS
    (
        SELECT
            period,
            client,
            sum(flag.undeclared_requests) AS undeclared_requests,
            sumIf(flag.undeclared_requests, known_by != '') AS known_ci_requests,
            sumIf(flag.flagged_requests, known_by = '') AS flagged_requests,
            countIf(known_by = '' AND flag.flagged_requests > 0) AS flagged_networks,
            -- in networks where CI was seen
            toFloat64(undeclared_requests - known_ci_requests) AS open_requests,
            toFloat64(sumIf(flag.undeclared_requests, known_by = '' AND flag.flagged_requests > 0)) AS beside_ci,
            sumIf(pow(flag.flagged_requests, 2), known_by = '') / pow(flagged_requests, 2) AS concentration,
            quantilesExactWeighted(0.5, 0.75, 0.9)(
                flag.flagged_requests / (flag.flagged_requests + flag.undeclared_requests),
                if(known_by = '', toUInt64(flag.flagged_requests), 0)
            ) AS shares
        FROM ci_flag_by_network AS flag
        GROUP BY period, client
    ),
    compared AS
    (
        SELECT
            undeclared.period AS period,
            undeclared.client AS client,
            undeclared.undeclared_requests AS undeclared_requests,
            undeclared.known_ci_requests AS known_ci_requests,
            undeclared.flagged_requests AS flagged_requests,
            undeclared.flagged_networks AS flagged_networks,
            known.groups AS groups,
            known.log_odds AS log_odds,
            known.between AS between,
            sqrt(mean_variance + between + network_variance * undeclared.concentration) AS deviation,
            -- of a median of networks, whose variance is 1.6 times that of a mean
            sqrt(mean_variance + between + 1.6 * network_variance * undeclared.concentration) AS share_deviation,
            arrayMap(share -> log(least(greatest(share, 0.0001), 0.9999) / (1 - least(greatest(share, 0.0001), 0.9999))), undeclared.shares) AS unknown_shares,
            arrayMap(share -> log(least(greatest(share, 0.0001), 0.9999) / (1 - least(greatest(share, 0.0001), 0.9999))), known_networks.shares) AS known_shares,
            multiIf(
                known.groups < 3, 'few_groups',
                flagged_networks < 10, 'few_networks',
                known.between > 0.6, 'groups_differ',
                unknown_shares[1] - known_shares[1] < -1.645 * share_deviation, 'unknown_flags_less',
                greatest(unknown_shares[1] - known_shares[1], (unknown_shares[2] - known_shares[2]) / 1.2, (unknown_shares[3] - known_shares[3]) / 1.4) > 1.3 * share_deviation, 'unknown_flags_more',
                ''
            ) AS silent_because,
            known_ci_requests + least(open_requests, flagged_requests * exp(-log_odds)) AS middle,
            known_ci_requests + least(open_requests, flagged_requests * exp(-log_odds - t * deviation)) AS low,
            known_ci_requests + greatest(beside_ci, least(open_requests, flagged_requests * exp(-log_odds + t * deviation))) AS high
        FROM undeclared
        LEFT JOIN known ON known.period = undeclared.period AND known.client = undeclared.client
        LEFT JOIN known_networks ON known_networks.period = undeclared.period AND known_networks.client = undeclared.client
    )
SELECT
    period, client, undeclared_requests, known_ci_requests, flagged_requests, flagged_networks, groups,
    if(groups > 0, 1 / (1 + exp(-log_odds)), NULL) AS coverage,
    if(groups > 0, sqrt(between), NULL) AS between_groups,
    if(silent_because = '', toInt64(round(middle)), NULL) AS ci_requests,
    if(silent_because = '', toInt64(floor(low)), NULL) AS ci_requests_low,
    if(silent_because = '', toInt64(ceil(high)), NULL) AS ci_requests_high,
    ci_requests / undeclared_requests AS ci_share,
    ci_requests_low / undeclared_requests AS ci_share_low,
    ci_requests_high / undeclared_requests AS ci_share_high,
    silent_because
FROM compared
WHERE undeclared_requests > 0;
