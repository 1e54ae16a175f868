// The JSON presets agree with a plain reference (JSON.parse) on generated lines: keys in any order, nested or not, with
// blanks and escapes, values that are right, wrong, absent and of another type.

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeds, readJson, type Feed } from '../../test/fixtures/formats/reference-json.ts';
import { rowOf } from '../../test/fixtures/formats/reference.ts';
import { fuzzRuns, fuzzSeed, reportFuzz } from '../../test/support/fuzz.ts';
import { reasonNames } from '../outcome.ts';
import { utf8 } from '../scan/bytes.ts';
import { LineFields } from '../scan/line-fields.ts';
import { formatByName } from './index.ts';
import { Random } from '../random.ts';

const numRuns = Math.ceil(fuzzRuns(40_000) / Object.keys(feeds).length);

/** JSON texts per field: the good ones, and those that are not. */
const pools: Record<string, { good: readonly string[]; bad: readonly string[] }> = {
  occurred_at: {
    good: [
      '"2026-11-22T07:48:02+00:00"',
      '"2026-11-22 07:48:02"',
      '1772366400',
      '1772366400123456789',
      '1772366400123',
      '"1772366400.5"',
      '1764000000.5241024',
      '"2024-02-29T23:59:59.999999Z"',
      '"22/Nov/2026:07:48:02 +0100"',
      '1.7723664e9',
    ],
    bad: [
      'null',
      '""',
      '"-"',
      '"soon"',
      '"2026-02-30T00:00:00Z"',
      '"1999-12-31T23:59:59Z"',
      '"2100-01-01T00:00:00Z"',
      'true',
      '1e400',
      '-5',
      '0',
      '[]',
      '{}',
      '"2026-11-22"',
    ],
  },
  method: {
    good: ['"GET"', '"GET"', '"HEAD"', '"POST"', '"PURGE"', '"G\\u0045T"'],
    bad: ['"G T"', '""', 'null', '5', '"get\\n"', '"(null)"', 'false'],
  },
  path: {
    good: [
      '"/"',
      '"/a/b.whl"',
      '"/a/b.whl"',
      '"/@s\\/n"',
      '"/a?b=c&d=?"',
      '"/100%25/x%2525"',
      '"/100%/x"',
      '"https://h.example:8443/x?y"',
      '"http://h.example?q"',
      '"/\\u00e9\\ud83d\\ude00"',
      '"/é"',
    ],
    bad: [
      '"rel/path"',
      '""',
      '"-"',
      'null',
      '7',
      '"ftp:/x"',
      '"https:///x"',
      '"/a\\u0000"',
      '"/\\udc00"',
      '"*"',
      '"/del\u007f"',
    ],
  },
  status: {
    good: ['200', '200', '"200"', '206', '304', '"404"', '2e2', '200.0'],
    bad: ['99', '600', '"20"', '200.5', 'null', '""', 'true', '"2000"', '-200', '"HIT/200"', '"HIT/2"'],
  },
  bytes: {
    good: ['0', '1024', '"1024"', '9007199254740991', 'null', '""', '"-"', '1e3', '-0', '5.0'],
    bad: ['-1', '1.5', '9007199254740992', '1e400', '"1e3"', '"many"', 'false', '"-1"'],
  },
  address: {
    good: [
      '"192.0.2.17"',
      '"2001:db8::1"',
      '"192.0.2.17:443"',
      '"[2001:db8::1]:443"',
      '"192.0.2.17, 10.0.0.1"',
      '"-"',
      'null',
      '"::ffff:192.0.2.1"',
    ],
    bad: [
      '"192.0.2.256"',
      '"localhost"',
      '5',
      '"[192.0.2.1]"',
      '"192.0.2.1:"',
      '", 192.0.2.1"',
      '"fe80::1%eth0"',
      '"192.0.2.1:123456"',
    ],
  },
  signed_by: {
    good: ['"https://chatgpt.com"', '"chatgpt.com"', '"\\"https:\\/\\/agents.example\\""', 'null', '"-"', '""'],
    bad: ['"\\u0007"', '7'],
  },
  signature_verdict: {
    good: ['true', '"true"', '1', '"Valid"', '"verified"', '"PASS"', '"ok"', 'false', '"invalid"', '""', 'null'],
    bad: ['"validity"', '0', '"\\u0076alid"', '[true]', '{"true":1}'],
  },
  admit: {
    good: ['"eyeball"', '"http.log.access.log0"', 'true', '"true"', 'null'],
    bad: ['"edgeWorkerFetch"', 'false', '"tls"', '0'],
  },
  request_line: {
    good: ['"GET / HTTP/1.1"', '"GET /a b?c HTTP/2.0"', '"HEAD http://h.example/x HTTP/1.1"', '"POST /x"'],
    bad: ['"GET"', '""', '"GET x HTTP/1.1"', '"G@T /"', '" /x"', '"GET HTTP/1.1"'],
  },
  text: {
    good: [
      '"npm/11.19.1 node/v20.20.2"',
      '"a%20b%2520c+d"',
      '"Mozilla%2F5.0+%28X%29"',
      '"+http://x%20y"',
      '"caf\\u00e9 \\"x\\" é😀 \\\\ \\/"',
      '""',
      '"-"',
      'null',
      '"(null)"',
      '17',
      '"0"',
      '"de"',
      '"AS64500"',
      '"bytes=0-99"',
      '"0-99"',
      '"h.example:443"',
      '["first","second"]',
      'true',
    ],
    bad: ['"\\u0007"', '"\\ud800x"', '"tab\\t"', '"%00"', '"%FF"', '"\u007f"', '{"a":1}', '[{"a":1}]'],
  },
};

const one = (list: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...list);
const space = fc.constantFrom('', '', '', ' ', '\t', '\r');

/** A line of the feed: every key with a value or none, in any order, among keys that nobody reads. */
function lineOf(feed: Feed): fc.Arbitrary<string> {
  const members = Object.entries(feed.fields).flatMap(([field, paths]) => {
    const pool = pools[field] ?? pools.text;
    // Some twenty fields to a line: a bad value in one of thirty leaves half of the lines good.
    const value = fc.oneof({ weight: 30, arbitrary: one(pool.good) }, { weight: 1, arbitrary: one(pool.bad) });
    return paths.map((path) => fc.tuple(fc.constant(path), fc.option(value, { freq: 25, nil: undefined })));
  });
  const extra = fc.constantFrom(
    ['x', '{"client_ip":[1,{}]}'],
    ['tls.version', '"TLSv1.3"'],
    ['http.protocol', 'null'],
    ['é', '-1.5e3'],
  );
  return fc
    .tuple(fc.tuple(...members), fc.array(extra, { maxLength: 3 }), fc.nat(), space, space)
    .map(([known, others, seed, before, after]) => {
      const chance = new Random(seed);
      const random = () => chance.next();
      const root = new Map<string, unknown>();
      for (const [path, value] of [...known, ...others]) {
        if (value === undefined) continue;
        const keys = path.split('.');
        let node = root;
        for (const key of keys.slice(0, -1)) {
          if (!(node.get(key) instanceof Map)) node.set(key, new Map());
          node = node.get(key) as Map<string, unknown>;
        }
        node.set(keys.at(-1)!, value);
      }
      const write = (node: Map<string, unknown>): string => {
        const entries = [...node].map(([key, value]) => ({ key, value, rank: random() }));
        if (entries[0].rank % 3 === 0) entries.sort((a, b) => a.rank - b.rank);
        const parts = entries.map(({ key, value, rank }) => {
          const name = rank % 11 === 0 ? key.replace(/[a-z]/, (c) => `\\u00${c.charCodeAt(0).toString(16)}`) : key;
          return `${before}"${name}"${after}:${before}${value instanceof Map ? write(value as Map<string, unknown>) : String(value)}${after}`;
        });
        return `{${parts.join(',')}}`;
      };
      return root.size === 0 ? '{}' : write(root);
    });
}

describe.each(Object.keys(feeds))('%s', (name) => {
  const feed = feeds[name];
  const map = Object.fromEntries(Object.entries(feed.fields).map(([field, paths]) => [field, paths[0]]));
  const parser = formatByName(name)!.parser(name === 'json' ? { fields: map } : undefined);
  const out = new LineFields();
  const read = (line: string): unknown => {
    const bytes = utf8(`}${line}{`);
    const reason = reasonNames[parser.parse(bytes, 1, bytes.length - 1, out)];
    return reason === 'ok' ? rowOf(out) : reason === 'truncated' ? 'malformed' : reason;
  };

  const agrees = (): void => {
    let ok = 0;
    fc.assert(
      fc.property(fc.array(lineOf(feed), { minLength: 2, maxLength: 2 }), ([first, second]) => {
        // The first line twice: in full, then by its skeleton.
        for (const line of [first, first, second]) {
          const expected = readJson(feed, line);
          if (typeof expected !== 'string') ok++;
          const actual = read(line);
          if (!isDeepStrictEqual(actual, expected)) expect(actual, line).toEqual(expected);
        }
      }),
      { numRuns: Math.ceil(numRuns / 3), seed: fuzzSeed },
    );
    expect(ok).toBeGreaterThan(numRuns / 5);
    reportFuzz({ test: 'agreement', format: name, lines: 2 * Math.ceil(numRuns / 3) });
  };
  it('agrees with JSON.parse', agrees, 3_600_000);

  it('a mapped key twice is a duplicate, wherever it stands', () => {
    const keys = Object.values(feed.fields).flat();
    fc.assert(
      fc.property(lineOf(feed), fc.constantFrom(...keys), fc.boolean(), (line, path, front) => {
        const top = path.split('.')[0];
        const known = JSON.parse(line) as object;
        fc.pre(top in known && !['malformed'].includes(String(readJson(feed, line))));
        const again = `"${top}":null`;
        const text = front ? `{${again},${line.slice(1)}` : `${line.slice(0, -1)},${again}}`;
        expect(read(text), text).toBe('duplicate_key');
      }),
      { numRuns: Math.min(500, numRuns) },
    );
  });
});
