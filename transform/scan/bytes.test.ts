import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAbsent,
  isCleanText,
  isIpv4,
  isIpv6,
  methodCode,
  parseUint,
  percentDecode,
  Scratch,
  skipBom,
  utf8,
} from './bytes.ts';
import { method, Slice } from './line-fields.ts';

const whole = <T>(read: (buf: Uint8Array, start: number, end: number) => T, bytes: Uint8Array): T => {
  // Neighbours that would change the answer if they were read.
  const padded = new Uint8Array(bytes.length + 8).fill(0x31);
  padded.set(bytes, 4);
  return read(padded, 4, 4 + bytes.length);
};

/** Text made of the characters of addresses: near enough to them to reach every branch. */
const addressText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789.:abcdefF'), maxLength: 20 }),
  fc.ipV4(),
  fc.ipV6(),
  fc
    .tuple(fc.ipV6(), fc.nat(45), fc.constantFrom(':', '.', '0', 'g', ''))
    .map(([ip, at, c]) => ip.slice(0, at) + c + ip.slice(at + 1)),
  fc
    .array(fc.constantFrom('', '0', '1', 'ffff', '10000', 'g', '1.2.3.4', '256.1.1.1'), { maxLength: 10 })
    .map((groups) => groups.join(':')),
);

describe('addresses', () => {
  it('are those that the platform takes', () => {
    fc.assert(
      fc.property(addressText, (text) => {
        expect(whole(isIpv4, utf8(text))).toBe(isIP(text) === 4);
        expect(whole(isIpv6, utf8(text))).toBe(isIP(text) === 6);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each(['0.0.0.0', '255.255.255.255', '192.0.2.17'])('reads %s', (text) =>
    expect(whole(isIpv4, utf8(text))).toBe(true),
  );
  it.each(['::', '::1', '2001:db8::1', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8', '1::'])('reads %s', (text) =>
    expect(whole(isIpv6, utf8(text))).toBe(true),
  );
  it.each(['01.2.3.4', '1.2.3', '1.2.3.4.5', '1..2.3', 'fe80::1%eth0', '[::1]', ':::', '1:::2', '12345::'])(
    'refuses %s',
    (text) => {
      expect(whole(isIpv4, utf8(text)) || whole(isIpv6, utf8(text))).toBe(false);
    },
  );
});

describe('isCleanText', () => {
  it('is strict UTF-8 without control characters', () => {
    const strict = new TextDecoder('utf-8', { fatal: true });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 8 }).map(utf8),
      fc
        .array(fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0x41), {
          maxLength: 6,
        })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (text) => {
        let expected: boolean;
        try {
          // eslint-disable-next-line no-control-regex
          expected = !/[\x00-\x1f\x7f]/.test(strict.decode(text));
        } catch {
          expected = false;
        }
        expect(whole(isCleanText, text)).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('parseUint', () => {
  it.each([
    ['0', 0],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', -1],
    ['99999999999999999999', -1],
    ['', -1],
    ['-1', -1],
    ['1.5', -1],
    ['1e3', -1],
    [' 1', -1],
  ])('%s → %d', (text, value) => expect(whole(parseUint, utf8(text))).toBe(value));
});

describe('methodCode', () => {
  it.each(Object.entries(method).filter(([name]) => name !== 'OTHER'))('%s', (name, code) => {
    expect(whole(methodCode, utf8(name))).toBe(code);
    expect(whole(methodCode, utf8(name.toLowerCase()))).toBe(method.OTHER);
  });
  it('takes any token, and nothing else', () => {
    expect(whole(methodCode, utf8('PURGE'))).toBe(method.OTHER);
    for (const text of ['', 'G ET', 'GET\t', '"GET', 'é']) expect(whole(methodCode, utf8(text))).toBe(-1);
  });
});

it('knows absent values and byte order marks', () => {
  for (const text of ['', '-', '(null)']) expect(whole(isAbsent, utf8(text))).toBe(true);
  for (const text of ['--', '0', '(nul)', '(null']) expect(whole(isAbsent, utf8(text))).toBe(false);
  expect(whole(skipBom, utf8('\uFEFFa'))).toBe(7);
  expect(whole(skipBom, utf8('a'))).toBe(4);
});

describe('percentDecode', () => {
  const decode = (text: string, layers: number): string => {
    const slice = new Slice();
    const bytes = utf8(text);
    slice.set(bytes, 0, bytes.length);
    percentDecode(slice, new Scratch(), layers);
    return slice.text();
  };
  it('removes as many layers as told, and leaves what is no encoding', () => {
    expect(decode('a%20b', 1)).toBe('a b');
    expect(decode('a%2520b', 1)).toBe('a%20b');
    expect(decode('a%2520b', 2)).toBe('a b');
    expect(decode('100%, %zz, %4', 2)).toBe('100%, %zz, %4');
    expect(decode('%C3%A9%c3%a9', 1)).toBe('éé');
  });
});

it('Scratch: slices stay good when the buffer is replaced', () => {
  const scratch = new Scratch();
  const first = new Slice();
  scratch.reserve(3);
  const from = scratch.used;
  scratch.append(utf8('abc'), 0, 3);
  first.set(scratch.buf, from, scratch.used);
  scratch.reserve(100_000);
  for (let i = 0; i < 100_000; i++) scratch.push(0x78);
  expect(first.text()).toBe('abc');
});
