// Each JSON preset on its fixtures (test/fixtures/formats/<name>).

import { describe, expect, it } from 'vitest';
import { itReadsFixtures, readLines } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';
import { formatByName } from './index.ts';
import { fieldMapFaults } from './json-lines.ts';
import { LocalTime } from '../scan/local-time.ts';

describe('nginx-edge', () =>
  itReadsFixtures('nginx-edge', {
    good: [
      {
        at: '2026-11-22T07:48:02Z',
        path: '/@edge-runtime/vm',
        status: 200,
        bytes: 61973,
        address: '192.0.2.17',
        userAgent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false',
      },
      {
        at: '2026-11-22T07:48:02Z',
        method: 'HEAD',
        path: '/pool/g/g++_1.0.deb',
        query: 'a=1&b=%20',
        status: 206,
        bytes: 0,
        address: '2001:db8::17',
        userAgent: 'café "quoted" € 😀',
        range: 'bytes=0-99',
      },
      { at: '2026-11-22T07:48:02.5Z', method: 'OTHER', path: '/100%25/what%3F', status: 304, bytes: 12 },
      {
        at: '2026-11-22T07:48:02.25Z',
        path: '/',
        status: 404,
        address: '2001:db8::1',
        country: 'DE',
        asn: 64500,
        token: 'org_abc',
        signedBy: '"https://chatgpt.com"',
      },
    ],
    errors: [
      'truncated',
      'malformed',
      'duplicate_key',
      ...Array<string>(4).fill('missing_field'),
      'bad_timestamp',
      'timestamp_out_of_range',
      'timestamp_out_of_range',
      ...Array<string>(3).fill('bad_status'),
      ...Array<string>(5).fill('bad_bytes'),
      'bad_address',
      'bad_address',
      'bad_path',
      ...Array<string>(4).fill('bad_encoding'),
      'malformed', // a tab is not allowed in JSON
      'too_deep',
      ...Array<string>(5).fill('malformed'),
    ],
    unrelated: ['blank_line', 'blank_line', 'missing_field', 'malformed', 'malformed'],
  }));

describe('fastly-rubygems', () => {
  const line = {
    at: '2018-04-16T04:59:59Z',
    host: 'rubygems.org',
    status: 200,
    address: '192.0.2.9',
    userAgent:
      'bundler/1.16.1 rubygems/2.7.6 ruby/2.5.1 (x86_64-pc-linux-gnu) command/install options/jobs ci/travis,ci 2f3a1b0c4d5e6f70',
  };
  const dependencies = { path: '/api/v1/dependencies' };
  itReadsFixtures('fastly-rubygems', {
    good: [
      { ...line, path: '/gems/rack-2.0.4.gem', bytes: 252143, country: 'DE' },
      { ...line, ...dependencies, method: 'HEAD', query: 'gems=rack', bytes: 0 },
      {
        ...line,
        ...dependencies,
        query: 'gems=rack,rake',
        status: 304,
        address: '',
        country: 'DE',
        userAgent: 'bundler/x',
      },
    ],
    errors: ['bad_status', 'bad_bytes', 'bad_timestamp', 'missing_field', 'bad_address', 'malformed', 'truncated'],
    unrelated: ['missing_field', 'malformed'],
  });
  it('reads its timestamps in the configured zone', () => {
    const [row] = readLines('fastly-rubygems', utf8('{"timestamp":"2018-04-16 04:59:59","request":"GET","request_path":"/","response_status":"200"}'), { local: LocalTime.fixed(120) }); // prettier-ignore
    expect(row).toMatchObject({ at: Date.UTC(2018, 3, 16, 2, 59, 59) });
  });
});

describe('fastly-crates', () => {
  const line = {
    at: '2025-10-26T23:57:34.867Z',
    host: 'static.crates.io',
    path: '/crates/serde/serde-1.0.228.crate',
    status: 200,
    bytes: 36308,
    address: '2001:db8:5::7',
    userAgent: 'cargo/1.92.0-nightly (344c4567c 2025-10-21)',
  };
  itReadsFixtures('fastly-crates', {
    good: [
      line,
      { ...line, method: 'POST', path: '/crates/serde/1.0.228/download', query: 'x=1', status: 403, bytes: -1 },
      {
        at: '2024-01-16T16:03:04.489Z',
        host: 'static.crates.io',
        path: '/crates/x%2By/x%2By-0.1.0.crate',
        status: 200,
        bytes: 7,
        address: '192.0.2.44',
      },
      line,
    ],
    errors: [
      'truncated',
      'bad_status',
      'bad_bytes',
      'bad_path',
      'bad_path',
      'bad_address',
      'duplicate_key',
      'duplicate_key',
      'truncated',
      'truncated',
      'malformed',
      'bad_timestamp',
    ],
    unrelated: ['other_log', 'other_log', 'malformed'],
  });
});

describe('fastly-openvsx', () => {
  const line = {
    at: '2025-11-02T10:15:00Z',
    host: 'open-vsx.org',
    path: '/api/redhat/java/1.40.0/file/redhat.java-1.40.0.vsix',
    status: 200,
    bytes: 48211733,
    address: '198.51.100.4',
    userAgent: 'VSCode 1.96.2 (VSCodium)',
  };
  itReadsFixtures('fastly-openvsx', {
    good: [line, { ...line, query: 'download=true', status: 206, country: 'NL' }, { ...line, method: 'OPTIONS' }],
    errors: ['bad_timestamp', 'bad_bytes', 'bad_path', 'missing_field', 'bad_address', 'malformed', 'bad_encoding'],
    unrelated: ['other_log', 'other_log', 'blank_line'],
  });
});

describe('cloudflare-logpush', () => {
  const line = {
    at: '2026-03-01T12:00:00Z',
    host: 'nodejs.org',
    path: '/dist/v22.11.0/node-v22.11.0-linux-x64.tar.xz',
    query: 'ref=ci',
    status: 200,
    bytes: 29784356,
    address: '203.0.113.80',
    userAgent: 'curl/8.5.0',
    country: 'US',
    asn: 64496,
    requestId: '8f1c2d3e4f5a6b7c',
  };
  itReadsFixtures('cloudflare-logpush', {
    good: [
      line,
      line,
      { ...line, at: '2026-03-01T12:00:00.123Z' },
      { ...line, query: '', country: '' },
      { ...line, query: '', asn: 0 },
    ],
    errors: [
      'bad_timestamp',
      'timestamp_out_of_range',
      'timestamp_out_of_range',
      'bad_bytes',
      'bad_status',
      'bad_address',
      'missing_field',
      'duplicate_key',
      'bad_encoding',
    ],
    unrelated: ['other_log', 'other_log', 'missing_field'],
  });
});

describe('gcp-cdn', () => {
  const line = {
    at: '2026-05-05T05:05:05.123Z',
    host: 'repo.example.org',
    path: '/maven2/org/slf4j/slf4j-api/2.0.16/slf4j-api-2.0.16.jar',
    query: 'x=y',
    status: 200,
    bytes: 69435,
    address: '198.51.100.200',
    userAgent: 'Apache-Maven/3.9.9 (Java 21.0.5; Linux 6.8.0)',
    requestId: '1x2y3z',
  };
  itReadsFixtures('gcp-cdn', {
    good: [line, { ...line, status: 304 }, { ...line, path: '/', bytes: -1, userAgent: '' }],
    errors: ['bad_bytes', 'bad_status', 'bad_path', 'missing_field', 'bad_timestamp', 'duplicate_key', 'truncated'],
    unrelated: ['other_log', 'other_log'],
  });
});

describe('caddy', () => {
  const line = {
    at: '2025-11-24T16:00:00.524Z',
    host: 'packages.example.org',
    path: '/simple/six/',
    query: 'format=json',
    status: 200,
    bytes: 10900,
    address: '198.51.100.77',
    userAgent: 'uv/0.9.2 {"ci":true}',
    range: 'bytes=0-1023',
  };
  itReadsFixtures('caddy', {
    good: [line, { ...line, address: '10.0.0.5', userAgent: '' }, { ...line, method: 'DELETE', range: '' }],
    errors: [
      'bad_status',
      'bad_bytes',
      'bad_path',
      'timestamp_out_of_range',
      'bad_address',
      'malformed',
      'missing_field',
      'truncated',
    ],
    unrelated: ['other_log', 'other_log', 'other_log'],
  });
});

describe('akamai-datastream', () => {
  const line = {
    at: '2025-11-24T16:00:00.123Z',
    host: 'repo.example.org',
    path: '/conda-forge/linux-64/zlib-1.3-h4ab18f5_1.conda',
    status: 206,
    bytes: 5200,
    address: '203.0.113.44',
    userAgent: 'conda/24.9 requests/2.32 (Linux)',
    country: 'US',
    asn: 64511,
    requestId: '1239f220',
    range: 'bytes=37334-42356',
  };
  itReadsFixtures('akamai-datastream', {
    good: [
      line,
      { ...line, query: 'a=1&b=2', userAgent: 'GPTBot/1.2; +https://openai.com/gptbot' },
      { ...line, at: '2025-11-24T16:00:00Z', bytes: 4995, address: '2001:db8::44', range: '' },
      { ...line, address: '', userAgent: '' },
    ],
    errors: [
      'bad_status',
      'bad_bytes',
      'bad_timestamp',
      'missing_field',
      'bad_address',
      'bad_encoding',
      'bad_encoding',
      'duplicate_key',
    ],
    unrelated: ['missing_field', 'blank_line'],
  });
});

describe('cloudfront-json', () => {
  const line = {
    at: '2025-12-01T11:00:02Z',
    host: 'static.crates.io',
    path: '/crates/c%2B%2B/c%2B%2B-1.0.crate',
    query: 'a=%20',
    status: 206,
    bytes: 91031,
    address: '192.0.2.201',
    userAgent: 'cargo/1.83.0 (x)',
    country: 'FR',
    asn: 64499,
    requestId: 'Qm==',
    range: 'bytes=0',
  };
  itReadsFixtures('cloudfront-json', {
    good: [
      line,
      { ...line, host: 'd111111abcdef8.cloudfront.net' },
      { ...line, at: '2025-12-01T11:00:02.25Z', userAgent: '', range: '' },
      line, // from Parquet
    ],
    errors: ['bad_timestamp', 'bad_status', 'bad_bytes', 'missing_field', 'bad_address'],
    unrelated: ['missing_field'],
  });
});

describe('json', () => {
  const fields = {
    occurred_at: '@t',
    request_line: 'http.request',
    status: 'http.status',
    bytes: 'http.sent',
    userAgent: 'http.ua',
    ip: 'peer',
  };
  const line = { status: 200, address: '192.0.2.3', userAgent: 'curl/8.0' };
  itReadsFixtures('json', {
    options: { fields },
    good: [
      { ...line, at: '2026-01-02T11:04:05.006Z', path: '/pkg/a-1.0.tgz', query: 'x=1', bytes: 1234 },
      { ...line, at: '2026-01-02T11:04:05.006Z', host: 'files.example.org', path: '/pkg/b', bytes: 2000 },
      { ...line, at: '2026-01-02T03:04:05.006Z', method: 'POST', path: '/a b', bytes: 0 },
    ],
    errors: ['bad_path', 'bad_path', 'missing_field', 'malformed', 'bad_address', 'bad_bytes', 'bad_status'],
    unrelated: ['missing_field'],
  });

  it('says what is wrong with a field map', () => {
    expect(fieldMapFaults(fields)).toEqual([]);
    expect(fieldMapFaults({ colour: 'a', path: '' })).toEqual([
      expect.stringContaining('colour: not a field'),
      'path: the key path is empty',
    ]);
    expect(() => formatByName('json')!.parser({ fields: { colour: 'a' } })).toThrow('colour: not a field');
    expect(() => formatByName('json')!.parser({ fields: { path: 'a', status: 'b' } })).toThrow(
      'must map occurred_at, method',
    );
    expect(() => formatByName('json')!.parser()).toThrow('must map occurred_at, method, path, status');
  });

  it("a map overrides a preset's keys one by one", () => {
    const text = '{"timestamp":"2026-11-22T07:48:02Z","request":"GET","uri_raw":"/a","response_status":200,"org":"t1"}';
    const options = { fields: { path: 'uri_raw', token: 'org' } };
    expect(readLines('nginx-edge', utf8(text), options)).toMatchObject([{ path: '/a', token: 't1' }]);
  });
});
