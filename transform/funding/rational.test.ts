// Exact fractions, money and the order of ids.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  commonDenominator,
  compare,
  decimalText,
  exactJson,
  multiply,
  parseRational,
  rational,
  round,
} from './rational.ts';
import { currencyCodes } from './currencies.ts';
import { centsText, parseCents } from './money.ts';
import { compareIds } from './checked.ts';

const fraction = fc
  .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(1n, 10n ** 20n))
  .map(([num, den]) => rational(num, den));

describe('rational', () => {
  it('keeps lowest terms and a positive denominator', () => {
    expect(rational(6n, -4n)).toEqual({ num: -3n, den: 2n });
    expect(rational(0n, -7n)).toEqual({ num: 0n, den: 1n });
    expect(() => rational(1n, 0n)).toThrow(RangeError);
  });

  it('adds and multiplies exactly', () => {
    expect(add(rational(1n, 6n), rational(1n, 3n))).toEqual(rational(1n, 2n));
    expect(multiply(rational(2n, 3n), rational(9n, 4n))).toEqual(rational(3n, 2n));
    fc.assert(
      fc.property(fraction, fraction, fraction, (a, b, c) => {
        expect(multiply(add(a, b), c)).toEqual(add(multiply(a, c), multiply(b, c)));
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) || 0);
      }),
    );
  });

  it('finds the least common denominator', () => {
    expect(commonDenominator([rational(1n, 4n), rational(5n, 6n), rational(3n)])).toBe(12n);
    expect(commonDenominator([])).toBe(1n);
  });

  it('rounds halves away from zero, so that a reversal is the exact opposite', () => {
    expect([rational(5n, 2n), rational(-5n, 2n), rational(7n, 3n), rational(-7n, 3n)].map(round)).toEqual([
      3n,
      -3n,
      2n,
      -2n,
    ]);
    fc.assert(
      fc.property(fraction, (a) => {
        expect(round({ num: -a.num, den: a.den })).toBe(-round(a));
      }),
    );
  });

  it.each([
    ['12', rational(12n)],
    ['0.001', rational(1n, 1000n)],
    ['2/6', rational(1n, 3n)],
    ['1/0', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['.5', undefined],
    ['', undefined],
  ])('parses %j', (text, value) => expect(parseRational(text)).toEqual(value));

  it('prints whole numbers as text and others as fractions', () => {
    expect(exactJson(rational(2n ** 70n))).toBe('1180591620717411303424');
    expect(exactJson(rational(1n, 3n))).toEqual({ num: '1', den: '3' });
  });

  it('writes decimals as files have them', () => {
    expect(decimalText(rational(125800000n, 4100n), 4)).toBe('30682.9268');
    expect(decimalText(rational(-1n, 100n), 1)).toBe('0.0');
    expect(decimalText(rational(-1234567n, 2n), 0)).toBe('-617284');
  });
});

describe('money', () => {
  it.each([
    ['100000.00', 10000000n],
    ['5', 500n],
    ['0.5', 50n],
    ['0.05', 5n],
    ['90071992547409930.01', 9007199254740993001n],
    ['1.005', undefined],
    ['1.', undefined],
    ['.5', undefined],
    ['-1.00', undefined],
    ['1,000.00', undefined],
    ['1e5', undefined],
    [' 1', undefined],
    ['', undefined],
  ])('reads %j', (text, cents) => expect(parseCents(text, 'USD')).toBe(cents));

  it('writes what it reads', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 18n), fc.constantFrom(...currencyCodes), (cents, currency) => {
        expect(parseCents(centsText(cents, currency), currency)).toBe(cents);
      }),
    );
    expect([-5n, -123456n, 0n].map((cents) => centsText(cents, 'USD'))).toEqual(['-0.05', '-1234.56', '0.00']);
  });
});

describe('compareIds', () => {
  it('orders as UTF-8 bytes do', () => {
    const bytes = new TextEncoder();
    const byBytes = (a: string, b: string) => Buffer.compare(bytes.encode(a), bytes.encode(b));
    expect(compareIds('\uFF21', '\u{1F600}')).toBeLessThan(0); // the reverse of UTF-16's order
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4 }), fc.string({ unit: 'binary', maxLength: 4 }), (a, b) => {
        expect(Math.sign(compareIds(a, b))).toBe(byBytes(a, b));
      }),
    );
  });
});
