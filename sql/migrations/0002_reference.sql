-- Reference: who organisations are and what proves it. Append-only and bitemporal: valid_from/valid_to say when a fact
-- holds in the world, recorded_at/retracted_at when we knew it. A retraction is the same row with state 1.

CREATE TABLE IF NOT EXISTS org
(
    org_id String COMMENT 'Stable id in the foundation''s registry',
    name String COMMENT 'Legal or trade name',
    exempt Bool COMMENT 'Uses without being billed (policy of the foundation)',
    contact String COMMENT 'Where statements go',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we learnt it',
    retracted_at DateTime64(3, 'UTC') DEFAULT toDateTime64('2199-12-31 00:00:00', 3, 'UTC') COMMENT 'When we took it back; 2199-12-31: never',
    state UInt8 DEFAULT 0 COMMENT '0 recorded, 1 retracted'
)
ENGINE = ReplacingMergeTree(state)
ORDER BY (org_id, recorded_at)
COMMENT 'Organisations';

CREATE TABLE IF NOT EXISTS org_edge
(
    org_id String COMMENT 'The organisation',
    family_id String COMMENT 'Its legal family: one allowance, one statement',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we learnt it',
    retracted_at DateTime64(3, 'UTC') DEFAULT toDateTime64('2199-12-31 00:00:00', 3, 'UTC') COMMENT 'When we took it back; 2199-12-31: never',
    state UInt8 DEFAULT 0 COMMENT '0 recorded, 1 retracted'
)
ENGINE = ReplacingMergeTree(state)
ORDER BY (org_id, recorded_at)
COMMENT 'Legal families';

CREATE TABLE IF NOT EXISTS org_evidence
(
    evidence_id String COMMENT 'Stable id in the registry; for tokens the id that evidence sets carry',
    org_id String COMMENT 'Whose traffic it proves',
    tier LowCardinality(String) COMMENT 'E1 … E7, or N (negative)',
    kind LowCardinality(String) COMMENT 'token, cidr, asn',
    value String COMMENT 'Canonical CIDR, AS number, or the token''s id; never a secret',
    secret_sha256 String COMMENT 'For tokens: hash by which the worker knows it',
    valid_from Date COMMENT 'First day it holds',
    valid_to Nullable(Date) COMMENT 'Last day it holds; NULL: still',
    source String COMMENT 'Who or what says so',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we learnt it',
    retracted_at DateTime64(3, 'UTC') DEFAULT toDateTime64('2199-12-31 00:00:00', 3, 'UTC') COMMENT 'When we took it back; 2199-12-31: never',
    state UInt8 DEFAULT 0 COMMENT '0 recorded, 1 retracted'
)
ENGINE = ReplacingMergeTree(state)
ORDER BY (evidence_id, recorded_at)
COMMENT 'What proves that traffic is an organisation''s';

CREATE TABLE IF NOT EXISTS network_range
(
    provider LowCardinality(String) COMMENT 'aws, gcp, azure, github, …; for crawlers the list',
    cidr String COMMENT 'Canonical CIDR',
    service LowCardinality(String) COMMENT 'Service within the provider, where the list says',
    type LowCardinality(String) COMMENT 'cloud, ci, crawler, hosting, enterprise, isp, mobile, vpn, cgnat, tor',
    asn Nullable(UInt32) COMMENT 'AS number, where the list says',
    source String COMMENT 'File or URL',
    list_version String COMMENT 'The vendor''s own version or date',
    recorded_at DateTime64(3, 'UTC') COMMENT 'When we learnt it',
    retracted_at DateTime64(3, 'UTC') DEFAULT toDateTime64('2199-12-31 00:00:00', 3, 'UTC') COMMENT 'When we took it back; 2199-12-31: never',
    state UInt8 DEFAULT 0 COMMENT '0 recorded, 1 retracted'
)
ENGINE = ReplacingMergeTree(state)
ORDER BY (provider, type, cidr, service, recorded_at)
COMMENT 'Published ranges of clouds, CI, crawlers, and network types';
