// The headers of syslog daemons, before the lines of every format: what follows them is read as it is without them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, readLines, expectedOf } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';
import { detectFormat, formats } from './index.ts';
import { lineStart } from './syslog.ts';

const headers = {
  'rsyslog, traditional file format': 'Nov 28 01:02:03 edge-1 nginx: ',
  'rsyslog, a day of one digit': 'Nov  8 01:02:03 edge-1 nginx: ',
  'rsyslog, file format': '2026-11-28T01:02:03.123456+00:00 edge-1 nginx: ',
  'rsyslog, forward format': '<190>2026-11-28T01:02:03.123456+00:00 edge-1 nginx[17]: ',
  'RFC 3164': '<190>Nov 28 01:02:03 edge-1 nginx[17]: ',
  'nginx with nohostname': '<190>Nov 28 01:02:03 nginx: ',
  'syslog-ng with ISO dates': '2026-11-28T01:02:03+01:00 2001:db8::1 nginx[17]: ',
  'RFC 5424': '<190>1 2026-11-28T01:02:03.000Z edge-1 nginx 17 - - ',
  'RFC 5424 without priority': '1 2026-11-28T01:02:03.000Z edge-1 nginx 17 ID47 - ',
  'RFC 5424 with data': '<190>1 2026-11-28T01:02:03Z edge-1 nginx - - [a@1 b="c \\"]\\" d"][e@2 f=""] ',
  'RFC 5424 without a time': '<190>1 - - nginx - - - ',
  'RFC 5424 with a byte order mark': '<190>1 2026-11-28T01:02:03Z edge-1 nginx - - - \uFEFF',
} as const;
const cookies = [
  '<190>Nov 28 01:02:03 edge-1 nginx: @cee: ',
  '@cee:',
  '<190>1 2026-11-28T01:02:03Z edge-1 nginx - - - @cee:',
];

/** These read the header themselves, because the program's name in it matters. */
const ownHeader = new Set(['rubygems-syslog']);
/** Their lines have a header already. */
const withHeader = (line: string): boolean => /^(?:<|Nov|#|1 2)/.test(line);
const linesOf = (name: string, log: 'good' | 'errors'): string[] =>
  fixture(name, log).toString('latin1').replace(/\n$/, '').split('\n');

describe.each(formats.filter(({ name }) => !ownHeader.has(name)).map(({ name }) => name))('%s', (name) => {
  const { options } = expectedOf(name, 'good');
  const read = (text: string) => readLines(name, Buffer.from(text, 'latin1'), options);

  it.each(Object.entries(headers))('%s', (_, header) => {
    const bytes = Buffer.from(utf8(header)).toString('latin1');
    for (const log of ['good', 'errors'] as const) {
      const lines = linesOf(name, log).filter((line) => name === 'haproxy' || !withHeader(line));
      const marked = lines.map((line) =>
        line.startsWith('#') || line === '' || withHeader(line) ? line : `${bytes}${line.replace(/^\xef\xbb\xbf/, '')}`,
      );
      expect(read(marked.join('\n'))).toEqual(read(lines.join('\n')));
    }
  });

  it('is detected through a header, and reads CRLF', () => {
    if (name === 'json') return;
    const lines = linesOf(name, 'good');
    for (const header of [headers['RFC 3164'], headers['RFC 5424']]) {
      const marked = lines.map((line) => (withHeader(line) || line === '' ? line : `${header}${line}`));
      expect(detectFormat(Buffer.from(`${marked.join('\r\n')}\r\n`, 'latin1'))?.format.name).toBe(name);
    }
  });
});

describe('a CEE cookie', () => {
  const line = '{"timestamp":"2026-11-28T00:00:00Z","request":"GET","request_path":"/a","response_status":200}';
  it.each(cookies)('%s', (cookie) => {
    expect(readLines('nginx-edge', utf8(`${cookie}${line}`))).toEqual(readLines('nginx-edge', utf8(line)));
    expect(detectFormat(utf8(`${cookie}${line}\n`))?.format.name).toBe('nginx-edge');
  });
});

describe('what is no header', () => {
  const start = (text: string): number => {
    const bytes = utf8(text);
    return lineStart(bytes, 0, bytes.length);
  };
  it.each([
    '<190>',
    '<>Nov 28 01:02:03 edge-1 nginx: x',
    '<1900>Nov 28 01:02:03 edge-1 nginx: x',
    'Nov 28 01:02:03 edge-1 nginx',
    'Nov 28 01:02:03 edge-1 nginx x',
    'Now 28 01:02:03 edge-1 nginx: x',
    '2026-11-28T01:02:03Z 5 192.0.2.1 x',
    '2026-11-28\t01:02:03\tx: y',
    '1 2026-11-28 01:02:03 a b c - x',
    '<190>1 2026-11-28T01:02:03Z edge-1 nginx 17 - x',
    '<190>1 2026-11-28T01:02:03Z edge-1 nginx 17 - [a b="c',
    '@cee {}',
    '192.0.2.1 - - [28/Nov/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "a: b"',
  ])('%s', (text) => expect(start(text)).toBe(0));

  it('never ends outside the line, whatever follows', () => {
    const part = fc.oneof(
      fc.constantFrom(...Object.values(headers), ...cookies),
      fc.stringMatching(/^[<>[\]"\\:@1N \-\w]{0,9}$/),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.nat(), (parts, cut) => {
        const bytes = utf8(parts.join(''));
        const end = cut % (bytes.length + 1);
        const at = lineStart(bytes, 0, end);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(end);
        // What follows the line does not matter.
        expect(lineStart(bytes.slice(0, end), 0, end)).toBe(at);
      }),
    );
  });
});
