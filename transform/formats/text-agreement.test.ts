// The text formats agree with a plain reference (split, regular expressions) on generated lines.

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readers, readText } from '../../test/fixtures/formats/reference-text.ts';
import { rowOf } from '../../test/fixtures/formats/reference.ts';
import { fuzzRuns, fuzzSeed, reportFuzz } from '../../test/support/fuzz.ts';
import { reasonNames } from '../outcome.ts';
import { LineFields } from '../scan/line-fields.ts';
import { formatByName } from './index.ts';

const numRuns = Math.ceil(fuzzRuns(40_000) / Object.keys(readers).length);
const TIMEOUT = 3_600_000;

const mostly = (good: readonly string[], bad: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: fc.constantFrom(...bad) });

const two = (n: number): string => String(n).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const date = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2099-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const isoDate = fc.oneof(
  { weight: 40, arbitrary: date.map((d) => d.toISOString().slice(0, 10)) },
  fc.constantFrom('2025-02-29', '1999-12-31', '2100-01-01', '-', '2025-1-1'),
);
const clock = fc.oneof(
  { weight: 40, arbitrary: date.map((d) => d.toISOString().slice(11, 19)) },
  fc.constantFrom('24:00:00', '10:00:60', '10:00', '-', '10:59:60'),
);
const zone = fc.constantFrom('+0000', '+0000', '-0730', '+2460');
const clf = fc.oneof(
  {
    weight: 40,
    arbitrary: fc
      .tuple(date, clock, zone)
      .map(([d, c, z]) => `${two(d.getUTCDate())}/${months[d.getUTCMonth()]}/${d.getUTCFullYear()}:${c} ${z}`),
  },
  fc.constantFrom(
    '31/Feb/2025:10:00:00 +0000',
    '01/Jan/1999:10:00:00 +0000',
    '01/jan/2025:10:00:00 +0000',
    '01/Jan/2025:10:00:00',
    '01/Jan/2025:10:00:00.5',
  ),
);
const httpDate = fc.oneof(
  { weight: 40, arbitrary: date.map((d) => d.toUTCString()) },
  fc.constantFrom('Mon, 31 Feb 2025 10:00:00 GMT', 'Mon, 01 Jan 1990 10:00:00 GMT', 'Mon, 01-Jan-2025 10:00:00 GMT'),
);
const path = mostly(
  [
    '/',
    '/a/b-1.0.tgz',
    '/@s%2fn',
    '/a?b=c&d',
    '/c%252B%252B',
    'http://h.example:80/x?y',
    'https://h.example',
    '/%zz%25',
  ],
  ['rel', '-', '*', 'http:///x'],
);
const status = mostly(['200', '206', '304', '404'], ['-', '99', '2x0', '6000', '-1']);
const bytes = mostly(['0', '12', '9007199254740991', '-'], ['-5', '1.5', '9007199254740992', 'x']);
const address = mostly(
  ['192.0.2.7', '2001:db8::7', '10.0.0.7', '172.16.0.1', 'fd00::1', '::ffff:192.0.2.7'],
  ['192.0.2.256', 'host', '1.2.3'],
);
const method = fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'BREW');
const request = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.tuple(method, path, fc.constantFrom('HTTP/1.1', 'HTTP/2.0')).map((parts) => parts.join(' ')),
  },
  fc.constantFrom(
    '-',
    'GET',
    'GET /a b c HTTP/1.1',
    'GET /x',
    '\\x16\\x03',
    'G@T / HTTP/1.1',
    'GET  HTTP/1.1',
    '\\x22GET\\x22 / HTTP/1.1',
  ),
);
const agentPart = fc.constantFrom('npm/11.1', ' ', ' (x86_64)', '%20', '%2520', '+', 'é', ';', '[1/Jan/2]', '{}', "'");
const agent = (...odd: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.array(agentPart, { minLength: 1, maxLength: 5 }).map((parts) => `u${parts.join('')}`) },
    fc.constantFrom('-', '(null)', 'u\x00', 'u\xff', ...odd),
  );
const escaped = agent('say \\"hi\\"', '\\x22\\xC3\\xA9', 'c:\\\\dir', '\\q', '\\x07', '\\xE9');

/** Columns whose values nobody reads. */
const other = fc.constantFrom('-', 'x', '7');
const combinedLine = (vhosts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...vhosts),
      address,
      fc.constantFrom('- -', '- alice smith', 'x [y]'),
      clf,
      request,
      status,
      bytes,
      escaped,
      fc.constantFrom('', '', ' "-"', ' "198.51.100.1, 10.0.0.1"', ' "unknown"'),
    )
    .map(
      ([vhost, peer, user, time, req, code, sent, ua, xff]) =>
        `${vhost}${peer} ${user} [${time}] "${req}" ${code} ${sent} "https://r.example/?\\"" "${ua}"${xff}`,
    );

const lines: Record<string, fc.Arbitrary<string>> = {
  'pypi-edge': fc
    .tuple(
      fc.constantFrom('download', 'simple'),
      httpDate,
      fc.constantFrom('US', 'de', '', '(null)', 'USA'),
      path,
      other,
      other,
      other,
      other,
      other,
      agent('a|b', '{"ci":true}|x'),
    )
    .map((parts) => parts.join('|')),
  cloudfront: fc
    .tuple(
      isoDate,
      clock,
      other,
      bytes,
      address,
      fc.oneof(method, fc.constantFrom('-')),
      fc.constantFrom('d1.cloudfront.net', '-'),
      path,
      status,
      other,
      agent('a%2520b', '%22', '%00', '%C3%A9'),
      fc.constantFrom('-', 'a=%2526'),
      fc.tuple(other, other),
      fc.constantFrom('id==', '-'),
      fc.constantFrom('h.example', 'h.example:443', '-'),
      fc.array(other, { minLength: 15, maxLength: 15 }),
      fc.constantFrom('-', '0', '100'),
      fc.constantFrom('-', '99'),
    )
    .map((parts) => parts.flat().join('\t').replaceAll(' ', '%20')),
  'azure-w3c': fc
    .tuple(
      mostly(['1433257489', '1433257489.25', '1433257489123'], ['-', '5', 'x']),
      other,
      address,
      other,
      other,
      other,
      mostly(['TCP_HIT/200', 'TCP_MISS/404', '206'], ['-', 'TCP_HIT', 'TCP_HIT/2']),
      bytes,
      method,
      path,
      other,
      other,
      other,
      fc.constantFrom('"-"', '-'),
      fc.oneof(
        agent('say "hi"!').map((text) => `"${text}"`),
        other,
      ),
      other,
      fc.constantFrom('"a b"', '-'),
    )
    .map((parts) => parts.join(' ')),
  combined: combinedLine(['', '', 'h.example:443 ']),
  'vhost-combined': combinedLine(['h.example:443 ', 'h.example ', 'h.example:80 ', '']),
  'rubygems-syslog': fc
    .tuple(address, httpDate, path, status, agent())
    .map((parts) => `<134>2015-11-30T21:00:06Z cache downloads[20122]: ${parts.join(' ')}`),
  julia: fc
    .tuple(
      address,
      clf,
      request,
      status,
      bytes,
      escaped,
      fc.constantFrom(
        '',
        ' 0.1 1.5 x86_64 "CI=n;X=t" false "h.example"',
        ' 0.1 - - "CI=n;X=o;TF=f" - "-"',
        ' 0.1 - - "CI=n;TF=f" true "h.example"',
        ' 0.1 - - "-" true "h.example"',
      ),
    )
    .map(([peer, time, req, code, sent, ua, tail]) => `${peer} [${time}] "${req}" ${code} ${sent} "${ua}"${tail}`),
  's3-access': fc
    .tuple(
      clf,
      address,
      request.filter((text) => text !== '-' && !text.includes('\\')),
      status,
      bytes,
      agent('say "hi" x', 'a "b"'),
      fc.constantFrom('-', '- id= SigV4 C AuthHeader b.s3.example TLSv1.3 - -'),
    )
    .map(
      ([time, peer, req, code, sent, ua, tail]) =>
        `owner bucket [${time}] ${peer} - ID1 REST.GET.OBJECT key "${req}" ${code} - ${sent} 5 1 1 "-" "${ua}" ${tail}`,
    ),
  haproxy: fc
    .tuple(
      fc.constantFrom('', 'Nov 22 12:14:14 lb haproxy[14389]: '),
      address,
      clf,
      status,
      bytes,
      fc.constantFrom(
        '',
        '{h.example|npm/11.1 node/v22 #22x#22} ',
        '{17|https://r.example/|192.0.2.1|curl/8} {gzip} ',
        '{||} ',
        '{2001:db8::1|Bun} ',
      ),
      request,
      fc.constantFrom('', ' 0/0/0 sni/TLSv1.3/X'),
    )
    .map(
      ([header, peer, time, code, sent, captures, req, tail]) =>
        `${header}${peer}:5151 [${time}] in~ back/s1 1/0/-1/+4/5 ${code} ${sent} - - ---- 1/1/1/1/0 0/0 ${captures}"${req}"${tail}`,
    ),
};

describe.each(Object.keys(readers))('%s', (name) => {
  it(
    'agrees with a plain reference',
    () => {
      const parser = formatByName(name)!.parser();
      const out = new LineFields();
      let ok = 0;
      fc.assert(
        fc.property(lines[name], (text) => {
          // 'é' is written in UTF-8; the other characters are bytes.
          const line = text.replaceAll('é', '\xc3\xa9');
          const expected = readText(name, line);
          if (typeof expected !== 'string') ok++;
          const buf = Buffer.from(`"x${line}" "`, 'latin1');
          const code = reasonNames[parser.parse(buf, 2, buf.length - 3, out)];
          const actual = code === 'ok' ? rowOf(out) : code === 'truncated' ? 'malformed' : code;
          if (!isDeepStrictEqual(actual, expected)) expect(actual, line).toEqual(expected);
        }),
        { numRuns, seed: fuzzSeed },
      );
      expect(ok).toBeGreaterThan(numRuns / 4);
      reportFuzz({ test: 'agreement', format: name, lines: numRuns });
    },
    TIMEOUT,
  );
});
