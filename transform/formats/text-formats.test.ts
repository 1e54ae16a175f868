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
