// What is peculiar to one text format, beyond its fixtures (fixtures.test.ts).

import { describe, expect, it } from 'vitest';
import { readLines } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';
import { formatByName } from './index.ts';

describe('cloudfront', () => {
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

describe('the version of a format', () => {
  const cloudfront = (version: string) =>
    readLines(
      'cloudfront',
      utf8(
        `#Version: ${version}\n#Fields: date time cs-uri-stem cs-method sc-status\n2025-12-01\t11:00:02\t/a\tGET\t200`,
      ),
    )[2];
  const crates = (version: string) =>
    readLines(
      'fastly-crates',
      utf8(
        `{"date_time":"2026-11-28T00:00:00Z","method":"GET","url":"https://h.example/a","status":200,"version":${version}}`,
      ),
    )[0];

  it('is said if it is not known, and the lines count', () => {
    expect(cloudfront('1.0')).toMatchObject({ path: '/a', degraded: [] });
    expect(cloudfront('2.0')).toMatchObject({ path: '/a', degraded: ['unknown_version'] });
    expect(crates('"1"')).toMatchObject({ path: '/a', degraded: [] });
    expect(crates('1')).toMatchObject({ path: '/a', degraded: [] });
    expect(crates('"2"')).toMatchObject({ path: '/a', degraded: ['unknown_version'] });
  });
});

describe('cloudfront and azure-w3c', () => {
  it('refuse lines whose header lacks what a request has', () => {
    const lines = '#Fields: date time cs-uri-stem cs-method\n2025-12-01\t11:00:02\t/a\tGET';
    expect(readLines('cloudfront', utf8(lines))).toEqual(['directive', 'missing_field']);
  });

  it('azure-w3c reads lines with blanks at their end', () => {
    const line =
      '1433257489 27 192.0.2.1 493 192.0.2.2 80 TCP_HIT/200 493 GET http://nuget.example.net/packages/a.1.0.0.nupkg - 0 355 "-" "NuGet/6" 51102 "-"';
    const [row] = readLines('azure-w3c', utf8(line));
    expect(row).toMatchObject({ status: 200, userAgent: 'NuGet/6' });
    for (const end of [' ', '   ', ' \r']) expect(readLines('azure-w3c', utf8(`${line}${end}`))).toEqual([row]);
  });
});

describe('combined', () => {
  const tokenOf = (user: string) =>
    readLines(
      'combined',
      utf8(`192.0.2.1 - ${user} [28/Nov/2026:00:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "npm/11"`),
    );

  it.each([
    ['fst_0123456789abcdef', 'fst_0123456789abcdef'],
    ['-', ''],
    ['alice', ''],
    ['alice fst', ''],
    ['xfst_0123456789abcdef', ''],
  ])('takes the user %s as a token: %s', (user, token) => {
    expect(tokenOf(user)).toMatchObject([{ address: '192.0.2.1', path: '/a', token }]);
  });
});

describe('nginx-edge', () => {
  const line = (path: object) =>
    JSON.stringify({ timestamp: '2026-11-28T00:00:00Z', request: 'GET', ...path, response_status: 200 });
  const read = (path: object) => readLines('nginx-edge', utf8(line(path)))[0];

  it.each([
    ['/@types%2fnode', '/@types/node', '/@types%2fnode'],
    ['/a%253Fb/-/a.tgz', '/a%3Fb/-/a.tgz', '/a%253Fb/-/a.tgz'],
    ['/100%25', '/100%', '/100%25'],
    ['/what%3F', '/what?', '/what%3F'],
  ])('reads $request_uri %s and $uri %s alike: decoded once', (uri, path, expected) => {
    expect(read({ request_uri: uri })).toMatchObject({ path: expected, query: '' });
    const decoded = (read({ request_path: path }) as { path: string }).path;
    expect(decodeURIComponent(decoded)).toBe(decodeURIComponent(expected));
  });

  it('takes the query of $request_uri, and prefers it to $uri', () => {
    expect(read({ request_uri: '/a?b=c%20d', request_path: '/index.html' })).toMatchObject({
      path: '/a',
      query: 'b=c%20d',
    });
    expect(read({ request_uri: '/a?b=c', request_query: 'x' })).toMatchObject({ path: '/a', query: 'x' });
  });
});

describe('s3-access', () => {
  const line = (requester: string, key = 'a/key', request = '"GET /a/key HTTP/1.1"') =>
    `owner bucket [28/Nov/2026:00:00:00 +0000] 192.0.2.9 ${requester} 3E57427F3EXAMPLE REST.GET.OBJECT ${key} ${request} 200 - 1024 1024 5 4 "-" "cargo/1" - host= SigV4 C AuthHeader b.s3.example TLSv1.3 - -`;
  const read = (text: string) => readLines('s3-access', utf8(text))[0];
  const usual = read(line('-'));

  it.each([
    'arn:aws:iam::123456789012:user/build',
    'arn:aws:sts::123456789012:assumed-role/Build Role/a session',
    'Some User With Many Names And More Of Them Than There Are Fields',
    'a -',
    '- -',
  ])('reads the request of %s', (requester) => {
    expect(usual).toMatchObject({ requestId: '3E57427F3EXAMPLE', path: '/a/key', status: 200, bytes: 1024 });
    expect(read(line(requester))).toEqual(usual);
    expect(read(line(requester, '-'))).toEqual(usual);
  });

  it('does not take its own work for a request, whoever ordered it', () => {
    expect(read(line('-', 'a/key', '-'))).toBe('other_log');
    expect(read(line('-', '-', '-'))).toBe('other_log');
  });
});

describe('gcp-cdn', () => {
  it('reads an entry without a status: the client went away', () => {
    const entry = (httpRequest: object) =>
      readLines('gcp-cdn', utf8(JSON.stringify({ timestamp: '2026-11-28T00:00:00Z', httpRequest })))[0];
    const request = { requestMethod: 'GET', requestUrl: 'https://h.example/a', responseSize: '700' };
    expect(entry(request)).toMatchObject({ status: 0, bytes: 700, path: '/a', degraded: ['no_status'] });
    expect(entry({ requestMethod: 'GET', responseSize: '700' })).toBe('missing_field');
    expect(entry({ userAgent: 'x' })).toBe('other_log');
  });
});

describe('julia', () => {
  it('reads ISO times as well as those of the combined log', () => {
    const line = (time: string) => `192.0.2.55 [${time}] "GET /registries HTTP/1.1" 200 47 "julia/1.5.2"`;
    const [row] = readLines('julia', utf8(line('28/Nov/2026:01:02:03 +0100')));
    for (const time of ['2026-11-28T01:02:03+01:00', '2026-11-28T00:02:03Z', '2026-11-28 01:02:03+0100'])
      expect(readLines('julia', utf8(line(time)))).toEqual([row]);
  });
});

describe('combined', () => {
  it.each(['10.0.0.1', '127.0.0.1', '169.254.0.9', '172.31.0.1', '192.168.1.1', '::1', 'fd00::5', 'fe80::1'])(
    'believes X-Forwarded-For of the proxy %s',
    (peer) => {
      const line = `${peer} - - [22/Nov/2026:07:48:02 +0000] "GET / HTTP/1.1" 200 1 "-" "x" "198.51.100.9, 2001:db8::77"`;
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

describe('haproxy', () => {
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
