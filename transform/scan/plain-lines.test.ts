// Plain lines are read as the scanner reads them: the same stream through a reader with both and through one that has the
// scanner alone gives the same columns, codes and rejections.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzzRuns, fuzzSeed, reportFuzz } from '../../test/support/fuzz.ts';
import { formatByName } from '../formats/index.ts';
import type { FormatOptions, LineParser } from '../formats/format.ts';
import { CHUNK_LINES, RequestBatch } from '../request-batch.ts';
import { RequestReader } from '../request-reader.ts';
import { utf8 } from './bytes.ts';
import { type ByteDictionary } from './intern.ts';
import { LocalTime } from './local-time.ts';
import { timeZone } from '../time-zone.ts';

const numRuns = Math.ceil(fuzzRuns(40_000) / 100);

/** JSON texts of a value: usual ones first, then such as the kernel must leave alone or read the same. */
const pools: Readonly<Record<string, readonly string[]>> = {
  timestamp: [
    '"2026-10-01T00:00:00+00:00"',
    '"2026-10-01T23:59:59+00:00"',
    '"2024-02-29T07:08:09Z"',
    '"2026-10-31 12:34:56"',
    '"2026-10-25 01:59:59"',
    '"2026-10-25 02:30:00"',
    '"2026-03-29T02:30:00"',
    '"2026-03-29T03:00:00"',
    '"2026-10-01T05:06:07.123456+05:30"',
    '"2026-10-01T05:06:07,5-01:00"',
    '"2026-10-01t05:06:07z"',
    '"2023-02-29T00:00:00Z"',
    '"2026-13-01T00:00:00Z"',
    '"2026-10-01T24:00:00Z"',
    '"2026-10-01T23:59:60Z"',
    '"2026-10-01T00:00:00+0000"',
    '"2026-10-01T00:00:00+00"',
    '"2026-10-01T00:00:00+24:00"',
    '"2026-10-01T00:00:00."',
    '"2026-10-01T00:00:00Zx"',
    '"2026-10-01"',
    '"1999-12-31T23:59:59Z"',
    '"1999-12-31T23:59:59-00:01"',
    '"2100-01-01T00:00:00Z"',
    '"1970-01-01T00:00:00Z"',
    '1772366400',
    '"1772366400.5"',
    '"22/Nov/2026:07:48:02 +0100"',
    'null',
  ],
  client_ip: [
    '"192.0.2.17"',
    '"1.2.3.4"',
    '"255.255.255.255"',
    '"2001:db8::1"',
    '"::"',
    '"2001:DB8:1:2:3:4:5:6"',
    '"198.51.100.7"',
    '"256.1.1.1"',
    '"1.2.3.04"',
    '"1.2.3"',
    '"1.2.3.4.5"',
    '"1..2.3"',
    '"1.2.3.4:80"',
    '"::ffff:192.0.2.1"',
    '"2001:db8::1::2"',
    '"2001:db8:00000::1"',
    '"1:2:3:4:5:6:7:8:9"',
    '"1:2:3:4:5:6:7::"',
    '"1:2:3:4:5:6:7:8::"',
    '":1"',
    '"1:"',
    '"[2001:db8::1]"',
    '"localhost"',
    '"-"',
    '""',
    'null',
    '5',
  ],
  client_country: ['"DE"', '"us"', '"U"', '"USA"', '"A1"', '"-"', '""', 'null', '12'],
  request_host: ['"registry.example"', '"h.example:443"', '":443"', '"::1"', '"-"', '""', 'true'],
  request: ['"GET"', '"HEAD"', '"POST"', '"PUT"', '"get"', '"G T"', '"-"', '""', 'null', '5', '"GETX"'],
  request_path: [
    '"/a"',
    '"/@scope/name/-/name-1.2.3.tgz"',
    '"/"',
    `"/${'long/'.repeat(20)}"`,
    '"/100%25"',
    '"/a?b=c"',
    '"/a%20b?c?d"',
    '"/?"',
    '"/é"',
    '"/a\\/b"',
    '"/a\u007f"',
    '"rel/path"',
    '"https://h.example/x?y"',
    '"-"',
    '""',
    'null',
  ],
  request_query: [
    '""',
    '"fairshare_token=secret-1"',
    '"a=b&fairshare_token=secret-2&c"',
    '"(null)"',
    '"(nule)"',
    '"-"',
  ],
  user_agent: [
    '"npm/11.0.0 node/v22.0.0 linux x64 workspaces/false"',
    '"curl/8"',
    '"abc"',
    '"-"',
    '""',
    '"(null)"',
    '"caf\u00e9"',
    '"a\\"b"',
    '"a\\u0041"',
    '"tab\\t"',
    '17',
  ],
  response_status: [
    '200',
    '206',
    '404',
    '"304"',
    '99',
    '600',
    '2e2',
    '200.0',
    '"HIT/200"',
    '0200',
    '-200',
    '""',
    'null',
    'true',
  ],
  response_bytes: [
    '0',
    '1024',
    '140737488355328',
    '140737488355329',
    '999999999999999',
    '9007199254740991',
    '9007199254740992',
    '"17"',
    '"007"',
    '-0',
    '-1',
    '1.5',
    '1e3',
    '"-"',
    '""',
    'null',
    '00',
    'false',
  ],
  request_range: ['""', '"bytes=0-99"', '"bytes=100-"', '"bytes=-5"', '"0-99"', '"-"'],
  request_id: ['"id-1"', '"id-2"', '"id-3"', '""', '"-"', '7'],
  request_token: ['""', '"secret-1"', '"secret-3"', '"-"'],
  'client.as.number': ['64500', '"AS64500"', '"as1"', '0', '4294967295', '4294967296', '"ASx"', '-1', 'null'],
  time_elapsed: [
    '0.15',
    '-1.5e+3',
    '0',
    '1E5',
    'true',
    'false',
    'null',
    '01',
    '1.',
    '.5',
    '1e',
    'nul',
    '"text"',
    '[1]',
    '{}',
  ],
};
const keys = Object.keys(pools);

interface Drawn {
  readonly values: readonly string[];
  readonly end: string;
}
/** Nearly always one of the first three values, which are plain: most lines should be. */
const value = (pool: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...pool.slice(0, 3)) },
    { weight: 1, arbitrary: fc.constantFrom(...pool) },
  );
const drawn: fc.Arbitrary<Drawn> = fc.record({
  values: fc.tuple(...keys.map((key) => value(pools[key]))),
  end: fc.oneof({ weight: 20, arbitrary: fc.constantFrom('\n', '\r\n') }, fc.constantFrom('\r\r\n', ' \n', '\n\n')),
});
/** The keys of a feed's lines, in their order: three kinds of lines at most, and now and then one lacks keys. */
const order = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.shuffledSubarray(keys, { minLength: keys.length }) },
    fc.shuffledSubarray(keys, { minLength: 1 }),
  ),
  { minLength: 1, maxLength: 3 },
);

/** `uri`: the kinds of lines whose path is the `request_uri`, which is encoded, and not the `request_path`. */
type FeedOfLines = readonly [format: string, options: FormatOptions, hostMatters: boolean, uri: readonly number[]];
const feeds: readonly FeedOfLines[] = [
  ['nginx-edge', {}, false, []],
  ['nginx-edge', {}, false, [0, 1, 2]],
  ['nginx-edge', {}, true, [0]],
  ['nginx-edge', { local: LocalTime.fixed(90) }, true, []],
  ['nginx-edge', { local: timeZone('Europe/Berlin') }, false, []],
  [
    'json',
    {
      fields: {
        occurred_at: 'timestamp',
        address: 'client_ip',
        method: 'request',
        path: 'request_path',
        query: 'request_query',
        status: 'response_status',
        bytes: 'response_bytes',
        user_agent: 'user_agent',
        host: 'request_host',
        range: 'request_range',
        country: 'client_country',
      },
    },
    true,
    [],
  ],
];

/** All that a reader makes of a stream, codes and texts. */
function readAll(
  parser: LineParser,
  hostMatters: boolean,
  stream: Uint8Array,
  maxLine_bytes: number,
  latest_ms = Infinity,
) {
  const rejected: unknown[] = [];
  const ids: string[] = [];
  const reader = new RequestReader({
    parser,
    hostMatters,
    tokens: { queryParameter: 'fairshare_token', idOf: (token) => (token === 'secret-3' ? null : `id of ${token}`) },
    maxLine_bytes,
    onRejected: (code, _buf, start, end, position) => rejected.push([code, start, end, position]),
    onRequest: ({ requestId }) => {
      if (requestId.length > 0) ids.push(requestId.text());
    },
  });
  // Codes become texts: in which order they are given, depends on how a line was read.
  const decoder = new TextDecoder();
  const text = (dictionary: ByteDictionary, code: number) => (code < 0 ? null : decoder.decode(dictionary.view(code)));
  const rows: unknown[] = [];
  const out = new RequestBatch();
  const columns = Object.entries(out).filter((entry): entry is [string, Int32Array] => ArrayBuffer.isView(entry[1]));
  for (let at = 0; at < stream.length;) {
    out.length = 0;
    for (const [, column] of columns) column.fill(99); // whoever leaves a value out is found
    at = reader.read(stream, at, stream.length, 1000, latest_ms, out);
    for (let i = 0; i < out.length; i++)
      rows.push({
        ...Object.fromEntries(columns.map(([name, column]) => [name, column[i]])),
        location: text(reader.locations, out.location[i]),
        userAgent: text(reader.userAgents, out.userAgent[i]),
        address: text(reader.addresses, out.address[i]),
        token: reader.tokenIds[out.token[i] - 1],
      });
  }
  for (const dictionary of [reader.locations, reader.userAgents, reader.addresses])
    expect(new Set(Array.from({ length: dictionary.size }, (_, code) => text(dictionary, code))).size).toBe(
      dictionary.size,
    );
  const { lines, excluded, quarantined, bytesUnknown } = reader;
  return {
    rows,
    ids,
    rejected,
    lines,
    excluded,
    quarantined,
    bytesUnknown,
    byReason: [...reader.byReason],
    degraded: [...reader.degraded],
  };
}

const scannerAlone = (parser: LineParser): LineParser => ({ parse: parser.parse.bind(parser) });

it.each(feeds)('%s (feed %#): the same as by the scanner alone', (name, options, hostMatters, uri) => {
  const format = formatByName(name)!;
  let lines = 0;
  let plainLines = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(drawn, fc.nat({ max: 2 })), { minLength: 10, maxLength: 40 }),
      order,
      fc.option(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { freq: 4 }),
      fc.constantFrom(1 << 20, 1 << 20, 300),
      fc.constantFrom(Infinity, Infinity, Date.parse('2026-10-01T00:00:00Z'), Date.parse('2026-10-24T23:59:59.999Z')),
      (drawnLines, orders, mutation, maxLine_bytes, latest_ms) => {
        const text = drawnLines
          .map(([{ values, end }, n]) => {
            const kind = orders[n] === undefined ? 0 : n;
            const nameOf = (key: string) => (key === 'request_path' && uri.includes(kind) ? 'request_uri' : key);
            const members = orders[kind].map((key) => `"${nameOf(key)}":${values[keys.indexOf(key)]}`);
            return `{${members.join(',')}}${end}`;
          })
          .join('');
        const stream = utf8(text.slice(0, maxLine_bytes === 300 ? -1 : undefined));
        if (mutation !== null) stream[mutation[0] % stream.length] = mutation[1];
        const parser = format.parser(options);
        const { plain } = parser;
        const read = plain!.read.bind(plain);
        plain!.read = (...args) => {
          const count = read(...args);
          plainLines += count;
          return count;
        };
        const both = readAll(parser, hostMatters, stream, maxLine_bytes, latest_ms);
        lines += both.lines;
        const scanned = readAll(scannerAlone(format.parser(options)), hostMatters, stream, maxLine_bytes, latest_ms);
        expect(both).toEqual(scanned);
        expect(both.rows.every((row) => (row as { occurredAt: number }).occurredAt <= latest_ms)).toBe(true);
      },
    ),
    { numRuns, seed: fuzzSeed },
  );
  reportFuzz({ test: 'agreement', format: `${name}, plain lines`, lines });
  expect(plainLines).toBeGreaterThan(lines / 6);
});

it('reads on over the ends of its steps and of what it holds at a time', () => {
  const line = (i: number): string =>
    `{"timestamp":"2026-10-01T00:00:00Z","request":"GET","request_path":"/p-${i}","response_status":200,"response_bytes":${i},"user_agent":"${i % 500 === 7 ? 'é' : 'x'.repeat(i % 300)}"}\n`;
  const count = 2 * CHUNK_LINES + 77;
  const stream = utf8(Array.from({ length: count }, (_, i) => line(i)).join(''));
  const format = formatByName('nginx-edge')!;
  const both = readAll(format.parser(), false, stream, 1 << 20);
  expect(both.rows.length).toBe(count);
  expect(both).toEqual(readAll(scannerAlone(format.parser()), false, stream, 1 << 20));
});

it('a line longer than what it holds is the scanner’s', () => {
  const line = (length: number): string =>
    `{"timestamp":"2026-10-01T00:00:00Z","request":"GET","request_path":"/${'p'.repeat(length)}","response_status":200}\n`;
  const stream = utf8([1, 2, 70_000, 3, 65_500, 4].map(line).join(''));
  const format = formatByName('nginx-edge')!;
  const both = readAll(format.parser(), false, stream, 1 << 20);
  expect(both.rows.length).toBe(6);
  expect(both).toEqual(readAll(scannerAlone(format.parser()), false, stream, 1 << 20));
});
