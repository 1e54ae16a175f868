import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzRuns, fuzzSeed, reportFuzz } from '../../test/support/fuzz.ts';
import { reasonNames } from '../outcome.ts';
import { Scratch, utf8 } from './bytes.ts';
import { JsonScanner, MAX_DEPTH } from './json.ts';
import { jsonKind, unescapeInto } from './json-token.ts';

const numRuns = fuzzRuns(20_000);
const seed = fuzzSeed;
const decoder = new TextDecoder();

/** Scans text amid bytes that would close whatever is open. */
function scan(scanner: JsonScanner, text: string): string {
  const bytes = utf8(`"}]${text}"}]`);
  return reasonNames[scanner.scan(bytes, 3, bytes.length - 3)];
}

/** A slot's value as JSON.parse would give it: undefined where absent or null. */
function valueOf(scanner: JsonScanner, text: string, slot: number): unknown {
  const bytes = utf8(`"}]${text}"}]`);
  const kind = scanner.kind[slot];
  const [start, end] = [scanner.start[slot], scanner.end[slot]];
  if (kind === jsonKind.ABSENT) return undefined;
  if (kind === jsonKind.TRUE) return true;
  if (kind === jsonKind.FALSE) return false;
  if (kind === jsonKind.NUMBER) return JSON.parse(decoder.decode(bytes.subarray(start, end)));
  if ((kind & jsonKind.ESCAPED) === 0) return decoder.decode(bytes.subarray(start, end));
  const scratch = new Scratch();
  const from = unescapeInto(bytes, start, end, scratch);
  return decoder.decode(scratch.buf.subarray(from, scratch.used));
}

/** JSON.parse's answer: the object, or undefined for anything else. */
function reference(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const space = fc.constantFrom('', '', '', ' ', '\t', '\r', ' \n ');
const character = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz /:.-_0123456789') },
  fc.constantFrom(
    '\\n',
    '\\t',
    '\\b',
    '\\f',
    '\\r',
    '\\/',
    '\\\\',
    '\\"',
    '\\u0041',
    '\\u00e9',
    '\\u20AC',
    '\\ud83d\\ude00',
    '\u007f',
    'é',
    '😀',
  ),
  fc.constantFrom('\\x41', '\\u12', '\\', '\n', '\u0000', '\\u00zz', '\\U0041'),
);
const goodCharacter = character.filter((c) => reference(`{"a":"${c}"}`) !== undefined);
const quoted = (c: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(c, { maxLength: 24 }).map((list) => `"${list.join('')}"`);
const number = fc.constantFrom(
  '0',
  '-0',
  '1',
  '12.50',
  '-3e7',
  '1E+400',
  '9007199254740993',
  '01',
  '.5',
  '1.',
  '-',
  '+1',
  '1e',
  '0x1',
  'NaN',
);
const scalar = fc.oneof(
  quoted(goodCharacter),
  quoted(goodCharacter),
  quoted(character),
  number,
  fc.constantFrom('true', 'false', 'null', 'nul', 'True', 'undefined'),
);
const key = fc.constantFrom('"a"', '"b"', '"c"', '"nested"', '"a.b"', '"\\u0061"', '""', '"é"', 'a');
const { json } = fc.letrec<{ json: string; object: string; array: string }>((tie) => ({
  json: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), tie('array')),
  object: fc
    .array(fc.tuple(space, key, space, space, tie('json'), space), { maxLength: 4 })
    .map((members) => `{${members.map(([s, k, t, u, v, w]) => `${s}${k}${t}:${u}${v}${w}`).join(',')}}`),
  array: fc
    .array(fc.tuple(space, tie('json'), space), { maxLength: 3 })
    .map((items) => `[${items.map((parts) => parts.join('')).join(',')}]`),
}));
const object = fc
  .array(fc.tuple(key, json), { maxLength: 5 })
  .map((members) => `{${members.map(([k, v]) => `${k}:${v}`).join(',')}}`);
/** Near JSON: objects, also cut short, with a byte changed, or with something behind. */
const line = fc.oneof(
  { weight: 3, arbitrary: object },
  json,
  fc.tuple(object, fc.nat(200)).map(([text, at]) => text.slice(0, at)),
  fc
    .tuple(object, fc.nat(200), fc.constantFrom(...'{}[]",:\\ 0-e\u0001'))
    .map(([text, at, c]) => text.slice(0, at) + c + text.slice(at + 1)),
  fc.tuple(space, object, space, fc.constantFrom('', '', 'x', '{}')).map((parts) => parts.join('')),
);

describe('JsonScanner', () => {
  it('accepts what JSON.parse accepts of objects, line after line', () => {
    const scanner = new JsonScanner([]);
    let accepted = 0;
    fc.assert(
      fc.property(line, (text) => {
        const expected = reference(text) !== undefined;
        if (expected) accepted++;
        // The second time the line fits the skeleton of the first.
        for (let time = 0; time < 2; time++)
          if ((scan(scanner, text) === 'ok') !== expected) expect(text).toBe(expected ? 'accepted' : 'refused');
      }),
      { numRuns, seed },
    );
    expect(accepted).toBeGreaterThan(numRuns / 20);
    reportFuzz({ test: 'agreement', format: 'JSON itself', lines: numRuns });
  }, 3_600_000);

  it('finds the values that JSON.parse finds, by the skeleton as in full', () => {
    const paths = ['a', 'b', 'nested.c', 'nested.a.b'];
    const shape = fc.constantFrom<(a: string, b: string, c: string) => string>(
      (a, b, c) => `{"a":${a},"b":${b},"nested":{"c":${c},"x":[1,{"a":2}]}}`,
      (a, b, c) => `{"nested":{"a":{"b":${c}},"y":{}},"b" : ${b} ,"a":${a}}`,
      (a, b, c) => `{"a.b":1,"nested":{"c":[${c},"z"],"a.b":${b}},"other":${a}}`,
    );
    const good = fc.oneof(
      quoted(goodCharacter),
      quoted(goodCharacter),
      fc.constantFrom('0', '200', '-1.5', '1e400', 'true', 'false', 'null'),
    );
    const kept = new JsonScanner(paths);
    let read = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(shape, good, good, good), { minLength: 1, maxLength: 4 }), (lines) => {
        for (const [build, a, b, c] of lines) {
          const text = build(a, b, c);
          read++;
          const expected = JSON.parse(text) as Record<string, never> & { nested: Record<string, unknown> };
          const { nested } = expected;
          const first = Array.isArray(nested.c) ? (nested.c as unknown[])[0] : nested.c;
          const deep = nested['a.b'] ?? (nested.a as Record<string, unknown> | undefined)?.b;
          expect(scan(kept, text)).toBe('ok');
          const values = paths.map((_, slot) => valueOf(kept, text, slot) ?? null);
          expect(values).toEqual([expected.a ?? null, expected.b ?? null, first ?? null, deep ?? null]);
        }
      }),
      { numRuns: Math.ceil(numRuns / 4), seed },
    );
    reportFuzz({ test: 'agreement', format: 'JSON itself', lines: read });
  }, 3_600_000);

  it('a mapped key twice is no value', () => {
    const scanner = new JsonScanner(['a', 'nested.c']);
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"x":0,"\\u0061":1}',
      '{"nested":{"c":1},"nested":{}}',
      '{"nested":{"c":1,"c":1}}',
      '{"nested.c":1,"nested":{"c":2}}',
    ]) {
      expect(scan(scanner, text), text).toBe('duplicate_key');
    }
    for (const text of ['{"x":1,"x":2}', '{"a":1,"x":{"a":2,"a":3}}', '{"a":1,"nested":{"c":2,"a":3}}'])
      expect(scan(scanner, text), text).toBe('ok');
    expect(scan(scanner, '{"a":1,"a":2')).toBe('truncated');
    expect(scan(scanner, '{"a":1,"a":2,}')).toBe('malformed');
  });

  it('an object where a value is mapped is not of the format', () => {
    const scanner = new JsonScanner(['a']);
    for (const text of ['{"a":{}}', '{"a":[{}]}']) {
      expect(scan(scanner, text)).toBe('malformed');
      expect(scan(scanner, text)).toBe('malformed');
    }
    expect(scan(scanner, '{"a":[]}')).toBe('ok');
    expect(scanner.kind[0]).toBe(jsonKind.ABSENT);
  });

  it('says that a line is cut short only where it is right so far', () => {
    const scanner = new JsonScanner(['a']);
    const text = '{"a":"x\\u00e9\\n","b":[1.5e3,{"c":null}],"d":true}';
    for (let n = 1; n < text.length; n++) expect(scan(scanner, text.slice(0, n)), text.slice(0, n)).toBe('truncated');
    expect(scan(scanner, '{"a":tru}')).toBe('malformed');
    expect(scan(scanner, '')).toBe('malformed');
  });

  it('stops at a depth', () => {
    const scanner = new JsonScanner(['a']);
    const nested = (depth: number): string => `{"a":1,"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(scan(scanner, nested(MAX_DEPTH))).toBe('ok');
    expect(scan(scanner, nested(MAX_DEPTH + 1))).toBe('too_deep');
    expect(scan(scanner, `{"a":${'{"x":'.repeat(200_000)}`)).toBe('too_deep');
  });

  it('reads long lines and many values without learning them', () => {
    const scanner = new JsonScanner(['a', 'z']);
    const many = `{"a":1,"x":[${'1,'.repeat(500)}1],"z":"end"}`;
    const long = `{"a":1,"${'k'.repeat(10_000)}":2,"z":"end"}`;
    for (const text of [many, many, long, long]) {
      expect(scan(scanner, text)).toBe('ok');
      expect(valueOf(scanner, text, 1)).toBe('end');
    }
  });

  it('keys may be in any script, and may hold dots', () => {
    const scanner = new JsonScanner(['größe', 'client.as.number']);
    for (const text of [
      '{"größe":1,"client":{"as.number":2}}',
      '{"gr\\u00f6\\u00dfe":1,"client.as":{"number":2}}',
      '{"größe":1,"client":{"as":{"number":2}}}',
    ]) {
      expect(scan(scanner, text)).toBe('ok');
      expect([0, 1].map((slot) => valueOf(scanner, text, slot))).toEqual([1, 2]);
    }
  });

  it('sees buffers cut from one piece of memory', () => {
    const scanner = new JsonScanner(['a']);
    const memory = utf8('{"a":"first"}{"a":"other"}');
    expect(scanner.scan(memory.subarray(0, 13), 0, 13)).toBe(0);
    const second = memory.subarray(13);
    expect(scanner.scan(second, 0, 13)).toBe(0);
    expect(decoder.decode(second.subarray(scanner.start[0], scanner.end[0]))).toBe('other');
    expect(scanner.scan(utf8('{"a":"third"}'), 0, 13)).toBe(0);
  });
});
