// Each text format on its fixtures (test/fixtures/formats/<name>).

import { describe, expect, it } from 'vitest';
import { itReadsFixtures, readLines } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';
import { formatByName } from './index.ts';

describe('pypi-edge', () => {
  const wheel = {
    at: '2021-01-07T20:54:54Z',
    path: '/packages/f7/12/ec3f2e203afa394a149911729357aa48affc59c20e2c1c8297a60f33f133/threadpoolctl-2.1.0-py3-none-any.whl',
    status: 200,
    country: 'US',
    userAgent:
      'pip/20.1.1 {"ci":null,"cpu":"x86_64","distro":{"id":"bionic","libc":{"lib":"glibc","version":"2.27"},"name":"Ubuntu","version":"18.04"},"installer":{"name":"pip","version":"20.1.1"},"python":"3.7.9"}',
  };
  const index = { at: '2021-01-07T20:54:52Z', path: '/simple/numpy/', status: 200 };
  itReadsFixtures('pypi-edge', {
    good: [
      wheel,
      { ...index, userAgent: 'pip/20.0.2 {"ci":true,"note":"a|b"}' },
      index,
      { ...wheel, query: 'x=1', country: 'DE' },
    ],
    errors: [
      'truncated',
      'bad_timestamp',
      'missing_field',
      'bad_path',
      'timestamp_out_of_range',
      'bad_encoding',
      'missing_field',
      'bad_encoding',
    ],
    unrelated: ['other_log', 'malformed', 'blank_line', 'malformed'],
  });
});

describe('cloudfront', () => {
  const line = {
    at: '2025-12-01T11:00:02Z',
    host: 'crates.example.org',
    path: '/crates/c%2B%2B/c%2B%2B-1.0.crate',
    status: 200,
    bytes: 91031,
    address: '192.0.2.201',
    userAgent: 'cargo/1.83.0 (d0a77a1ff 2024)',
    requestId: 'QmZ0a==',
  };
  itReadsFixtures('cloudfront', {
    good: [
      'directive',
      'directive',
      line,
      {
        ...line,
        method: 'HEAD',
        query: 'a=1%26b&c=%20',
        status: 206,
        range: 'bytes=0-99',
        userAgent: 'cargo/1.83.0 (x)',
      },
      'directive',
      {
        at: '2025-12-01T11:00:02.5Z',
        path: '/gems/%E2%82%AC%20x%zz.gem',
        status: 304,
        address: '2001:db8::9',
        userAgent: 'Ruby, RubyGems/3.3.5 100%',
        country: 'JP',
        asn: 64500,
      },
    ],
    errors: [
      'directive',
      'truncated',
      'malformed',
      'bad_timestamp',
      'bad_timestamp',
      'bad_status',
      'bad_bytes',
      'bad_address',
      'missing_field',
      'bad_path',
      'bad_encoding',
      'bad_encoding',
      'missing_field',
      'timestamp_out_of_range',
    ],
    unrelated: ['directive', 'directive', 'missing_field', 'blank_line'],
  });
  it('takes the order of the fields from either kind of header, per parser', () => {
    const row = '2025-12-01\t11:00:02\t/a\tGET\t200';
    for (const separator of [' ', '\t']) {
      const header = ['#Fields:', 'date', 'time', 'cs-uri-stem', 'cs-method', 'sc-status'].join(separator);
      expect(readLines('cloudfront', utf8(`${header}\n${row}`))).toEqual([
        'directive',
        expect.objectContaining({ path: '/a' }),
      ]);
    }
    expect(readLines('cloudfront', utf8(row))).toEqual(['truncated']);
  });
});

const npm = {
  at: '2026-11-22T07:48:02Z',
  path: '/@edge-runtime%2fvm',
  query: 'x=1',
  status: 200,
  bytes: 61816,
  address: '192.0.2.17',
  userAgent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false',
};

describe('combined', () => {
  const curl = { at: npm.at, status: 200, bytes: 12, userAgent: 'curl/8' };
  itReadsFixtures('combined', {
    good: [
      npm,
      {
        at: npm.at,
        method: 'HEAD',
        host: 'files.example.org',
        path: '/a%20b',
        status: 304,
        bytes: 0,
        address: '2001:db8::9',
        userAgent: 'say "hi" "there" \\ é \\q',
      },
      { at: npm.at, path: '/a b c', status: 404, bytes: 0, address: '203.0.113.9' },
      { ...curl, method: 'POST', path: '/downloads/', status: 201, address: '198.51.100.1' },
      { ...curl, path: '/', address: '10.1.2.3' },
      { ...curl, host: 'files.example.org', path: '/x', bytes: 999, address: '192.0.2.17' },
    ],
    errors: [
      'truncated',
      'truncated',
      'bad_timestamp',
      'timestamp_out_of_range',
      'bad_status',
      'bad_bytes',
      'bad_address',
      'missing_field',
      'bad_path',
      'bad_path',
      ...Array<string>(3).fill('bad_encoding'),
      ...Array<string>(5).fill('malformed'),
      'truncated',
    ],
    unrelated: ['malformed', 'malformed', 'blank_line', 'truncated'],
  });
  it.each(['10.0.0.1', '127.0.0.1', '169.254.0.9', '172.31.0.1', '192.168.1.1', '::1', 'fd00::5', 'fe80::1'])(
    'believes X-Forwarded-For of the proxy %s',
    (peer) => {
      const line = `${peer} - - [22/Nov/2026:07:48:02 +0000] "GET / HTTP/1.1" 200 1 "-" "x" "2001:db8::77, ${peer}"`;
      expect(readLines('combined', utf8(line))).toMatchObject([{ address: '2001:db8::77' }]);
    },
  );
  it.each(['11.0.0.1', '169.253.0.1', '172.32.0.1', '192.169.0.1', '2001:db8::1', 'fdb::1'])(
    'and of no other: %s',
    (peer) => {
      const line = `${peer} - - [22/Nov/2026:07:48:02 +0000] "GET / HTTP/1.1" 200 1 "-" "x" "2001:db8::77"`;
      expect(readLines('combined', utf8(line))).toMatchObject([{ address: peer }]);
    },
  );
});

describe('vhost-combined', () =>
  itReadsFixtures('vhost-combined', {
    good: [
      { ...npm, host: 'files.example.org' },
      { ...npm, host: '192.0.2.80' },
    ],
    errors: ['truncated', 'bad_address', 'bad_status'],
    unrelated: ['malformed'],
  }));

describe('rubygems-syslog', () => {
  const line = { at: '2015-11-30T21:00:05Z', path: '/gems/rack-1.6.4.gem', status: 200 };
  itReadsFixtures('rubygems-syslog', {
    good: [
      {
        ...line,
        address: '192.0.2.33',
        userAgent: 'Ruby, RubyGems/2.4.8 x86_64-linux Ruby/2.2.3 (2015-08-18 patchlevel 173)',
      },
      { ...line, path: '/downloads/rack-1.6.4.gem', query: 'a=b', status: 304, address: '2001:db8::33' },
      line,
    ],
    errors: [
      'truncated',
      'bad_timestamp',
      'bad_status',
      'bad_address',
      'bad_path',
      'bad_timestamp',
      'bad_encoding',
      'truncated',
      'timestamp_out_of_range',
    ],
    unrelated: ['other_log', 'malformed', 'blank_line'],
  });
});

describe('julia', () => {
  const line = {
    at: '2020-11-06T20:00:14Z',
    path: '/package/682c06a0-de6a-54ab-a142-c8b1cf79cde6/81690084b6198a2e1da36fcfda16eeca9f9f24e4',
    status: 200,
    bytes: 147755,
    address: '192.0.2.55',
    userAgent: 'Mozilla/5.0 (compatible; libcurl/7.70.0; julia/1.5.2)',
  };
  const host = 'us-east.pkg.example.org';
  itReadsFixtures('julia', {
    good: [
      { ...line, host, ci: 1 },
      { ...line, host, ci: 0 },
      { ...line, host, ci: 1 },
      { ...line, host, ci: 0 },
      { ...line, host, bytes: 0 },
      line,
    ],
    errors: [
      'truncated',
      'bad_timestamp',
      'bad_status',
      'bad_bytes',
      'bad_address',
      'truncated',
      'bad_path',
      'malformed',
      'malformed',
      'bad_encoding',
    ],
    unrelated: ['malformed', 'malformed', 'blank_line'],
  });
});

describe('azure-w3c', () => {
  const line = {
    at: '2015-06-02T15:04:49Z',
    host: 'nuget.example.net',
    path: '/packages/newtonsoft.json.13.0.3.nupkg',
    query: 'x=1',
    status: 200,
    bytes: 493,
    address: '192.0.2.66',
    userAgent: 'NuGet Command Line/6.12.1 (Microsoft Windows NT 10.0.26100.0)',
  };
  itReadsFixtures('azure-w3c', {
    good: [
      'directive',
      line,
      { ...line, at: '2015-06-02T15:04:49.25Z', status: 206, userAgent: `${line.userAgent} say "hi"!` },
      'directive',
      {
        at: '2014-04-02T02:12:09Z',
        method: 'HEAD',
        host: 'api.example.org',
        path: '/v3/index.json',
        status: 404,
        bytes: 3125,
        address: '2001:db8::66',
        userAgent: 'userAgent',
      },
    ],
    errors: [
      'malformed',
      'truncated',
      'truncated',
      'malformed',
      'bad_status',
      'bad_status',
      'bad_bytes',
      'bad_path',
      'bad_address',
      'bad_timestamp',
      'missing_field',
      'bad_encoding',
      'timestamp_out_of_range',
    ],
    unrelated: ['directive', 'directive', 'truncated', 'blank_line'],
  });
});

describe('s3-access', () => {
  const line = {
    at: '2019-02-06T00:00:38Z',
    host: 'example-crates.s3.us-west-1.amazonaws.com',
    path: '/crates/serde/serde-1.0.87.crate',
    query: 'x-id=GetObject',
    status: 206,
    bytes: 1024,
    address: '192.0.2.3',
    userAgent: 'cargo/1.32.0 "quoted" (x)',
    requestId: '3E57427F3EXAMPLE',
  };
  itReadsFixtures('s3-access', {
    good: [
      line,
      { ...line, method: 'HEAD', query: '', status: 304, bytes: 0, userAgent: '' },
      { ...line, host: '', address: '' },
    ],
    errors: [
      'truncated',
      'truncated',
      'bad_timestamp',
      'missing_field',
      'bad_status',
      'bad_bytes',
      'bad_address',
      'bad_path',
      'malformed',
      'bad_encoding',
      'timestamp_out_of_range',
    ],
    unrelated: ['other_log', 'blank_line'],
  });
});

describe('haproxy', () => {
  const line = {
    at: '2026-11-22T12:14:14.655Z',
    path: '/left-pad/-/left-pad-1.3.0.tgz',
    query: 'x=1',
    status: 200,
    bytes: 2750,
    address: '192.0.2.88',
  };
  const captured = { host: 'registry.example.org', userAgent: 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false' };
  itReadsFixtures('haproxy', {
    good: [
      { ...line, ...captured },
      { ...line, address: '2001:db8::88' },
      { ...line, bytes: -1, userAgent: 'curl/8 "q" {x}' },
      { ...line, ...captured, method: 'HEAD', host: 'r.example.org', path: '/left+pad/-/left-pad-1.3.0.tgz' },
    ],
    errors: [
      'truncated',
      'truncated',
      'bad_status',
      'bad_timestamp',
      'bad_path',
      'bad_bytes',
      'bad_address',
      'malformed',
      'bad_encoding',
      'malformed',
      'malformed',
      'truncated',
    ],
    unrelated: ['other_log', 'other_log', 'other_log', 'other_log', 'malformed', 'blank_line'],
  });

  it('finds captured headers where the configuration says', () => {
    const text =
      '192.0.2.88:1 [22/Nov/2026:12:14:14.655] in back/s 1/0/0/1/2 206 9 - - ---- 1/1/1/1/0 0/0 {text/html|r.example|bytes=5-9|tok#2d1} {id-7|chatgpt.com} "GET / HTTP/1.1"';
    const fields = {
      user_agent: 'request.1',
      host: 'request.2',
      range: 'request.3',
      token: 'request.4',
      request_id: 'response.1',
      signed_by: 'response.2',
    };
    expect(readLines('haproxy', utf8(text), { fields })).toMatchObject([
      {
        userAgent: 'text/html',
        host: 'r.example',
        range: 'bytes=5-9',
        token: 'tok-1',
        requestId: 'id-7',
        signedBy: 'chatgpt.com',
      },
    ]);
    expect(readLines('haproxy', utf8(text), { fields: { user_agent: 'response.3', host: 'request.9' } })).toMatchObject(
      [{ userAgent: '', host: '' }],
    );
    expect(() => formatByName('haproxy')!.parser({ fields: { path: 'request.1', host: 'first' } })).toThrow(
      /path: not a captured field.*host: 'first' is no position/,
    );
  });
});
