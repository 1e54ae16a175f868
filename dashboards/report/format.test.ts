import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCents } from '../../transform/funding/money.ts';
import { formatRational, rational } from '../../transform/funding/rational.ts';
import { bytes, count, decimal, factor, fileName, money, monthName, percent, plain } from './format.ts';

describe('numbers', () => {
  it('writes money from cents exactly, as the allocation does', () => {
    expect(money(0n)).toBe('0.00');
    expect(money(-5n)).toBe('-0.05');
    expect(money(900_719_925_474_099_301n)).toBe('9,007,199,254,740,993.01');
    fc.assert(fc.property(fc.bigInt(), (cents) => money(cents) === formatCents(cents)));
  });

  it('rounds fractions as the allocation does', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), fc.nat(9), (num, den, places) => {
        expect(decimal({ num, den }, places)).toBe(formatRational(rational(num, den), places));
      }),
    );
  });

  it.each([
    [0n, '0 B'],
    [999n, '999 B'],
    [1_000n, '1.00 kB'],
    [999_499n, '999 kB'],
    [999_500n, '1.00 MB'],
    [1_234_567n, '1.23 MB'],
    [12_345_678n, '12.3 MB'],
    [9_007_199_254_740_993n, '9.01 PB'],
    [-1_500n, '-1.50 kB'],
  ])('shows %s bytes as %s', (value, text) => expect(bytes(value)).toBe(text));

  it.each([
    [0n, 0n, '–'],
    [0n, 7n, '0.0 %'],
    [1n, 3n, '33.3 %'],
    [1n, 100_000n, '<0.1 %'],
    [99_999n, 100_000n, '>99.9 %'],
    [7n, 7n, '100.0 %'],
    [-1n, 2n, '-50.0 %'],
  ])('%s of %s is %s', (part, whole, text) => expect(percent(part, whole)).toBe(text));

  it('groups counts and names factors and months', () => {
    expect(count(-1_234_567n)).toBe('-1,234,567');
    expect([10_000n, 12_500n, 2_500n, 0n, 100_000n].map(factor)).toEqual(['1', '1.25', '0.25', '0', '10']);
    expect(monthName('2026-10')).toBe('October 2026');
  });
});

describe('names', () => {
  it('keeps what turns a line around or reaches a terminal out of texts', () => {
    expect(plain('a\u001b[31mb\u202ec\u0000\u200bd\ufeff')).toBe('a\ufffd[31mb\ufffdc\ufffd\ufffdd\ufffd');
    expect(plain('@scope/näme 日本')).toBe('@scope/näme 日本');
  });

  it('gives every id a file name of its own, whatever it holds', () => {
    expect(fileName('acme-labs')).toBe('acme-labs');
    expect(fileName('Acme')).toMatch(/^acme-[0-9a-f]{8}$/);
    expect(fileName('../../etc/passwd')).toMatch(/^_\._.._etc_passwd-[0-9a-f]{8}$/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(fileName(a)).toMatch(/^[a-z0-9_][a-z0-9._-]*$/);
        if (a !== b) expect(fileName(a)).not.toBe(fileName(b));
      }),
    );
  });
});
