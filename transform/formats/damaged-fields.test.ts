// One field that cannot be read does not take the request with it: whatever a client or a server writes there, the line counts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../test/fixtures/formats/check.ts';
import type { Row } from '../../test/fixtures/formats/reference.ts';
import { method } from '../scan/line-fields.ts';
import { isDownload } from '../packages/download.ts';
import { downloadRules } from '../packages/ecosystem.ts';
import { utf8 } from '../scan/bytes.ts';

interface Fields {
  readonly address: string;
  readonly request: string;
  readonly status: string;
  readonly bytes: string;
  readonly agent: string;
}
const usual: Fields = {
  address: '192.0.2.7',
  request: 'GET /a-1.0.0.tgz HTTP/1.1',
  status: '200',
  bytes: '12',
  agent: 'npm/11',
};
const jsonFields = { occurred_at: 't', request_line: 'r', status: 's', bytes: 'b', address: 'a', user_agent: 'u' };

/** The same request in each of these formats. */
const formats: Readonly<Record<string, (fields: Fields) => string>> = {
  combined: ({ address, request, status, bytes, agent }) =>
    `${address} - - [28/Nov/2026:00:00:00 +0000] "${request}" ${status} ${bytes} "-" "${agent}"`,
  julia: ({ address, request, status, bytes, agent }) =>
    `${address} [2026-11-28T00:00:00+00:00] "${request}" ${status} ${bytes} "${agent}"`,
  's3-access': ({ address, request, status, bytes, agent }) =>
    `owner bucket [28/Nov/2026:00:00:00 +0000] ${address} - ID REST.GET.OBJECT key "${request}" ${status} - ${bytes} 5 1 1 "-" "${agent}" -`,
  haproxy: ({ address, request, status, bytes, agent }) =>
    `${address}:5151 [28/Nov/2026:00:00:00.000] in back/s1 1/0/0/1/2 ${status} ${bytes} - - ---- 1/1/1/1/0 0/0 {${agent}} "${request}"`,
  json: ({ address, request, status, bytes, agent }) =>
    JSON.stringify({ t: '2026-11-28T00:00:00Z', r: request, s: status, b: bytes, a: address, u: agent }),
};
const read = (format: string, fields: Partial<Fields>): Row | string =>
  readLines(format, utf8(formats[format]({ ...usual, ...fields })), format === 'json' ? { fields: jsonFields } : {})[0];
const isCounted = ({ method: name, status, bytes }: Row): boolean =>
  isDownload(downloadRules.get200, method[name as keyof typeof method], status, bytes, 0, 0);

describe.each(Object.keys(formats))('%s', (format) => {
  it.each([
    'host-3.isp.example',
    'fe80::1%eth0',
    'fe80::1%25eth0',
    '192.0.2.256',
    '1.2.3',
    'localhost',
    '192.0.2.7.example',
  ])('an address %s: the network is not known', (address) => {
    expect(read(format, { address })).toMatchObject({ address: '', degraded: ['bad_address'], status: 200, bytes: 12 });
  });

  it('an address that is absent is no damage', () => {
    expect(read(format, { address: '-' })).toMatchObject({ address: '', degraded: [], bytes: 12 });
  });

  it.each(['000', '0', '-1', '-'])('status %s: the client went away, and its bytes count', (status) => {
    const row = read(format, { status, bytes: '700' });
    expect(row).toMatchObject({ status: 0, bytes: 700, path: '/a-1.0.0.tgz', degraded: ['no_status'] });
    expect(isCounted(row as Row)).toBe(false);
  });

  it.each(['99', '600', '999', '2x0', '-200', '20'])('status %s: a request, and no download', (status) => {
    const row = read(format, { status });
    expect(row).toMatchObject({ status: 0, bytes: 12, degraded: ['bad_status'] });
    expect(isCounted(row as Row)).toBe(false);
  });

  it('status 499 is a status', () => {
    expect(read(format, { status: '499' })).toMatchObject({ status: 499, bytes: 12, degraded: [] });
  });

  it.each(['-5', '1.5', 'x', '9007199254740992', '1e400'])('%s bytes: not known', (bytes) => {
    const row = read(format, { bytes });
    expect(row).toMatchObject({ bytes: -1, degraded: ['bad_bytes'] });
    expect(isCounted(row as Row)).toBe(true);
  });

  it.each([
    ['OPTIONS * HTTP/1.1', ['bad_path']],
    ['CONNECT files.example:443 HTTP/1.1', ['bad_path']],
    ['GET rel/path HTTP/1.1', ['bad_path']],
    ['G@T /a HTTP/1.1', ['bad_method', 'bad_path']],
  ])('%s, answered 200, is a request without a package', (request, degraded) => {
    const row = read(format, { request });
    expect(row).toMatchObject({ path: '', status: 200, bytes: 12, degraded });
  });

  it.each(['<BADREQ>', 'SSH-2.0-client', 'G@T /a HTTP/1.1', 'x'])(
    '%s, answered 400 or not at all, is no HTTP',
    (request) => {
      for (const status of ['400', '408', '499', '500', '000', '-1'])
        expect(read(format, { request, status })).toBe('not_http');
    },
  );

  it('a request that was served counts, whatever its client writes into the method', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^"\\{}|#\s]{1,8}$/), fc.constantFrom('200', '206', '304'), (name, status) => {
        expect(read(format, { request: `${name} /a HTTP/1.1`, status })).toMatchObject({
          status: Number(status),
          bytes: 12,
        });
      }),
    );
  });

  it('two damaged fields are two degradations of one request', () => {
    expect(read(format, { address: 'host', status: '000' })).toMatchObject({ degraded: ['bad_address', 'no_status'] });
  });
});

describe('combined and X-Forwarded-For', () => {
  it.each(['unix:', 'unix:@', 'fe80::1%lo'])('%s as the peer', (address) => {
    expect(read('combined', { address })).toMatchObject({ address: '', degraded: ['bad_address'] });
  });
});

/** The bytes of a line, with others in the place of the mark. */
function withAgent(line: string, agent: Uint8Array): Uint8Array {
  const [before, after] = line.split('AGENT');
  return Uint8Array.from([...utf8(before), ...agent, ...utf8(after)]);
}

describe('a user agent of any bytes', () => {
  /** As nginx and Apache write it: control characters, quotes, backslashes, and in some versions all bytes beyond ASCII. */
  const escaped = (bytes: Uint8Array, from: number): Uint8Array =>
    Uint8Array.from(
      [...bytes].flatMap((byte) =>
        byte < 0x20 || byte >= from || byte === 0x22 || byte === 0x5c
          ? [...utf8(`\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`)]
          : [byte],
      ),
    );
  /** As nginx writes it with escape=json: bytes beyond ASCII as they are. */
  const json = (bytes: Uint8Array): Uint8Array =>
    Uint8Array.from(
      [...bytes].flatMap((byte) =>
        byte < 0x20 || byte === 0x22 || byte === 0x5c ? [...utf8(`\\u${byte.toString(16).padStart(4, '0')}`)] : [byte],
      ),
    );
  const agent = fc.uint8Array({ minLength: 1, maxLength: 24 }).map((bytes) => Uint8Array.from([0x75, ...bytes]));
  const edge =
    '{"timestamp":"2026-11-28T00:00:00Z","request":"GET","request_path":"/a","user_agent":"AGENT","response_status":200,"response_bytes":12}';
  const line = formats.combined({ ...usual, agent: 'AGENT' });

  it('never hides its request, and all ways of logging say the same', () => {
    fc.assert(
      fc.property(agent, (bytes) => {
        const rows = [
          readLines('combined', withAgent(line, escaped(bytes, 0x7f)))[0],
          readLines('combined', withAgent(line, escaped(bytes, 0x100)))[0],
          readLines('nginx-edge', withAgent(edge, json(bytes)))[0],
        ] as Row[];
        for (const row of rows) {
          expect(row).toMatchObject({ status: 200, bytes: 12 });
          expect([row.userAgent, row.degraded]).toEqual([rows[0].userAgent, rows[0].degraded]);
        }
      }),
    );
  });

  it('escapes as nginx does, and a text that looks escaped stays another text', () => {
    const read = (bytes: Uint8Array) => readLines('nginx-edge', withAgent(edge, json(bytes)))[0] as Row;
    expect(read(Uint8Array.from(Buffer.from('na\xefve/1.0', 'latin1'))).userAgent).toBe('na\\xEFve/1.0');
    expect(read(utf8('na\\xEFve/1.0'))).toMatchObject({ userAgent: 'na\\xEFve/1.0', degraded: [] });
    expect(read(Uint8Array.from([...utf8('\\xEF'), 0xef]))).toMatchObject({
      userAgent: '\\x5CxEF\\xEF',
      degraded: ['bad_encoding'],
    });
    expect(read(utf8('naïve/1.0'))).toMatchObject({ userAgent: 'naïve/1.0', degraded: [] });
  });
});

describe('a path of any bytes', () => {
  it('becomes the path that the client sent', () => {
    const edge = (path: string) =>
      Buffer.from(
        `{"timestamp":"2026-11-28T00:00:00Z","request":"GET","request_path":"${path}","response_status":200}`,
        'latin1',
      );
    expect(readLines('nginx-edge', edge('/caf\xe9/-/caf\xe9-1.0.0.tgz'))[0]).toMatchObject({
      path: '/caf%E9/-/caf%E9-1.0.0.tgz',
      degraded: ['bad_encoding'],
    });
    expect(readLines('nginx-edge', edge('/x\\ny'))[0]).toMatchObject({ path: '/x%0Ay', degraded: ['bad_encoding'] });
  });
});

describe('keys of a JSON line', () => {
  const line = { timestamp: '2026-11-28T00:00:00Z', request: 'GET', request_path: '/a', response_status: 200 };
  const readEdge = (object: object) => readLines('nginx-edge', utf8(JSON.stringify(object)))[0];

  it.each(Object.keys(line))('without %s the line has another shape', (key) => {
    expect(readEdge({ ...line, [key]: undefined })).toBe('missing_field');
  });

  it('without a value of them it is damaged', () => {
    expect(readEdge({ ...line, request_path: '', response_status: 400 })).toMatchObject({ degraded: ['bad_path'] });
    expect(readEdge({ ...line, request: '', request_path: '', response_status: 400 })).toBe('not_http');
    expect(readEdge({ ...line, request: '', request_path: '' })).toMatchObject({
      degraded: ['bad_method', 'bad_path'],
    });
    expect(readEdge({ ...line, timestamp: '' })).toBe('missing_field');
  });

  it('a client that forges a second status is not believed', () => {
    const forged = `{"timestamp":"2026-11-28T00:00:00Z","request":"GET","request_path":"/a","user_agent":"x","response_status":404,"u":"","response_status":200}`;
    expect(readLines('nginx-edge', utf8(forged))).toEqual(['duplicate_key']);
  });
});
