// Whatever the bytes, every format gives exactly one outcome: it never throws, never reads or points outside the line, and
// what it accepts is sound.

import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../test/fixtures/formats/check.ts';
import { fuzzRuns, fuzzSeed, reportFuzz } from '../../test/support/fuzz.ts';
import { rowOf } from '../../test/fixtures/formats/reference.ts';
import { degradation, reason, reasonNames, type DegradedReason } from '../outcome.ts';
import { isCleanText, utf8 } from '../scan/bytes.ts';
import { LineFields, methodNames, Slice } from '../scan/line-fields.ts';
import { MAX_TIME_MS, MIN_TIME_MS } from '../scan/time.ts';
import type { Format } from './format.ts';
import { formats } from './index.ts';

const numRuns = Math.ceil(fuzzRuns(40_000) / formats.length);
const seed = fuzzSeed;
const MARGIN = 16;

const jsonFields = { occurred_at: '@t', request_line: 'http.request', status: 'http.status', bytes: 'http.sent', user_agent: 'http.ua', address: 'peer' }; // prettier-ignore
const parserOf = (format: Format) => format.parser(format.name === 'json' ? { fields: jsonFields } : undefined);

const splitLines = (data: Buffer): Uint8Array[] =>
  data
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Uint8Array.from(Buffer.from(line, 'latin1')));

const everyGoodLine = formats.flatMap(({ name }) => splitLines(fixture(name, 'good')));
/** Bytes that mean something to some format. */
const telling = fc.oneof(
  fc.constantFrom(...utf8('"\\{}[]|:,/ \t\r#%-+.?&=;\'<>()0159aAzZ'), 0, 0x7f, 0x80, 0xc3, 0xed, 0xff),
  fc.nat(255),
);

/** A good line with some bytes changed, taken out, put in, doubled, or with another line's piece in it. */
function mutated(lines: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.tuple(fc.nat(4), fc.nat(1000), fc.nat(12), telling, fc.constantFrom(...everyGoodLine));
  return fc.tuple(fc.constantFrom(...lines), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([line, edits]) => {
    let bytes = [...line];
    for (const [kind, position, length, byte, other] of edits) {
      const at = position % (bytes.length + 1);
      if (kind === 0) bytes[at] = byte;
      else if (kind === 1) bytes.splice(at, length);
      else if (kind === 2) bytes.splice(at, 0, byte);
      else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + length));
      else
        bytes = [
          ...bytes.slice(0, at),
          ...other.slice(at % other.length, (at % other.length) + 4 * length),
          ...bytes.slice(at),
        ];
    }
    return Uint8Array.from(bytes);
  });
}

const surroundings = [0x22, 0x31, 0x7d].map((byte) => new Uint8Array(MARGIN).fill(byte));

/**
 * Parses the line between three different surroundings: the answers must be the same.
 * @param rest what stands behind it in one of them: a line's own rest would complete it
 */
function readOnce(
  parsers: readonly ReturnType<typeof parserOf>[],
  line: Uint8Array,
  rest = surroundings[0],
): { code: number; row: ReturnType<typeof rowOf> } {
  const answers = parsers.map((parser, n) => {
    const out = new LineFields();
    // What an earlier line left behind must not show.
    out.status = 777;
    out.token.set(line, 0, line.length);
    const buf = Uint8Array.from([...surroundings[n], ...line, ...(n === 0 ? rest : surroundings[n])]);
    const code = parser.parse(buf, MARGIN, MARGIN + line.length, out);
    checkSlices(out, buf, MARGIN, MARGIN + line.length);
    if (code === 0) checkSound(out);
    return { code, row: rowOf(out) };
  });
  const texts = answers.map((answer) => JSON.stringify(answer));
  must(
    texts.every((text) => text === texts[0]),
    `the answer depends on what stands around the line: ${texts.join(' ')}`,
  );
  return answers[0];
}

/** The line alone in its memory, behind a guard that throws where any other index is read; a DataView throws by itself. */
function guarded(line: Uint8Array): Uint8Array {
  return new Proxy(Uint8Array.from(line), {
    get(target, key) {
      if (typeof key === 'string' && /^-?\d+$/.test(key)) {
        must(Number(key) >= 0 && Number(key) < target.length, `byte ${key} of a line of ${target.length} was read`);
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

// Plain conditions, not expect(): these run some hundred thousand times.
function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

function checkSlices(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  for (const [name, slice] of slicesOf(out)) {
    must(slice.start <= slice.end, `${name} ends before it starts`);
    const [low, high] = slice.buf === buf ? [start, end] : [0, slice.buf.length];
    must(slice.length === 0 || (slice.start >= low && slice.end <= high), `${name} points outside the line`);
  }
}
const slicesOf = (out: LineFields): [string, Slice][] =>
  Object.entries(out).filter((entry): entry is [string, Slice] => entry[1] instanceof Slice);

function checkSound(out: LineFields): void {
  const { occurredAt, status, bytes, asn, path } = out;
  must(Number.isInteger(occurredAt) && occurredAt >= MIN_TIME_MS && occurredAt < MAX_TIME_MS, `time ${occurredAt}`);
  const has = (...names: DegradedReason[]): boolean => names.some((name) => (out.degraded & degradation[name]) !== 0);
  const isStatus = Number.isInteger(status) && status >= 100 && status <= 599;
  must(isStatus || (status === 0 && has('no_status', 'bad_status')), `status ${status}`);
  must(Number.isSafeInteger(bytes) && bytes >= -1, `bytes ${bytes}`);
  must(methodNames[out.method] !== undefined, `method ${out.method}`);
  must([-1, 0, 1].includes(out.ci), `ci ${out.ci}`);
  must(Number.isInteger(asn) && asn >= 0, `asn ${asn}`);
  must(path.length === 0 ? has('bad_path') : /^\/[^?]*$/.test(path.text()), `path ${path.text()}`);
  must(out.address.length === 0 || isIP(out.address.text()) > 0, `address ${out.address.text()}`);
  must(/^([A-Z]{2})?$/.test(out.country.text()), `country ${out.country.text()}`);
  for (const [name, slice] of slicesOf(out))
    must(isCleanText(slice.buf, slice.start, slice.end), `${name} is not clean`);
}

describe.each(formats.map((format) => [format.name, format] as const))('%s', (name, format) => {
  const parsers = surroundings.map(() => parserOf(format));
  const good = splitLines(fixture(name, 'good'));
  const guardedParser = parserOf(format);
  const readsInside = (line: Uint8Array): void =>
    void guardedParser.parse(guarded(line), 0, line.length, new LineFields());
  const isOutcome = ({ code }: { code: number }): void => {
    must(reasonNames[code] !== undefined, `there is no reason ${code}`);
  };

  it('survives random bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(telling, { maxLength: 60 }).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (line) => isOutcome(readOnce(parsers, line))),
      { numRuns: Math.ceil(numRuns / 4), seed },
    );
    reportFuzz({ test: 'random bytes', format: name, lines: Math.ceil(numRuns / 4) });
  }, 3_600_000);

  it('survives mutations of its good lines', () => {
    let mutations = 0;
    fc.assert(
      fc.property(mutated(good), (line) => {
        isOutcome(readOnce(parsers, line));
        if (mutations++ < 2000 || mutations % 16 === 0) readsInside(line); // the guard is slow
      }),
      { numRuns, seed },
    );
    reportFuzz({ test: 'mutations', format: name, lines: numRuns });
  }, 3_600_000);

  it('survives every truncation of its good lines', () => {
    let lines = 0;
    for (const line of good) {
      for (let length = 0; length <= line.length; length++) {
        const cut = line.slice(0, length);
        lines++;
        isOutcome(readOnce(parsers, cut, line.slice(length)));
        // The guard is slow: every third length will do.
        if (length % 3 === 0 || length === line.length) readsInside(cut);
      }
    }
    reportFuzz({ test: 'truncations', format: name, lines });
  });

  it('a blank line is a blank line, and nothing of the line before shows', () => {
    for (const text of ['', ' ', '\t\r', '\uFEFF', '\uFEFF '])
      expect(readOnce(parsers, utf8(text)).code).toBe(reason.blank_line);
  });
});
