import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCodes } from './funding/currencies.ts';
import { centsText, exactCentsText } from './funding/money.ts';
import { decimalText, rational } from './funding/rational.ts';
import {
  formatBytes,
  formatCents,
  formatCount,
  formatExactCents,
  formatFactor,
  formatPercent,
  formatRational,
  formatUnits,
} from './numbers.ts';

const ungrouped = (text: string) => text.replaceAll(',', '');

describe('numbers as people read them', () => {
  it('are those of files, with thousands apart', () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt({ min: 1n }),
        fc.nat(9),
        fc.constantFrom(...currencyCodes),
        (num, den, places, currency) => {
          // prettier-ignore
          const value = rational(num, den);
          expect(ungrouped(formatRational(value, places))).toBe(decimalText(value, places));
          expect(ungrouped(formatCents(num, currency))).toBe(centsText(num, currency));
          expect(ungrouped(formatExactCents(value, currency))).toBe(exactCentsText(value, currency));
          expect(ungrouped(formatCount(num))).toBe(String(num));
        },
      ),
    );
  });

  it('round fractions that were not reduced alike', () =>
    expect(formatRational({ num: 12_345_000n, den: 1_000_000n }, 2)).toBe('12.35'));

  it('group by thousands', () => {
    expect([0n, -5n, 900_719_925_474_099_301n].map((cents) => formatCents(cents, 'USD'))).toEqual([
      '0.00',
      '-0.05',
      '9,007,199,254,740,993.01',
    ]);
    expect([0, 999, 1000, -1_234_567, 1234.5678, -1_234_567n].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '-1,234,567',
      '1,234.5678',
      '-1,234,567',
    ]);
    expect(formatUnits(rational(1_234_567n))).toBe('1,234,567');
    expect(formatUnits(rational(1n, 3n))).toBe('0.33');
    expect(formatExactCents(rational(125_800_000n, 41n), 'EUR')).toBe('30,682.9268');
    expect(['JPY', 'KWD', 'UYW'].map((code) => formatCents(-123_450n, code))).toEqual([
      '-123,450',
      '-123.450',
      '-12.3450',
    ]);
  });

  it.each([
    [0, '0 B'],
    [999n, '999 B'],
    [1_000, '1.00 kB'],
    [999_499, '999 kB'],
    [999_500n, '1.00 MB'],
    [1_234_567n, '1.23 MB'],
    [1_234_567, '1.23 MB'],
    [12_345_678n, '12.3 MB'],
    [123_456_789, '123 MB'],
    [9_007_199_254_740_993n, '9.01 PB'],
    [-1_500n, '-1.50 kB'],
  ])('%s bytes are %s', (value, text) => expect(formatBytes(value)).toBe(text));

  it.each([
    [0n, 0n, '–'],
    [0n, 7n, '0.0 %'],
    [1n, 3n, '33.3 %'],
    [1n, 100_000n, '<0.1 %'],
    [99_999n, 100_000n, '>99.9 %'],
    [7n, 7n, '100.0 %'],
    [-1n, 2n, '-50.0 %'],
  ])('%s of %s is %s', (part, whole, text) => expect(formatPercent(part, whole)).toBe(text));

  it('write basis points as a factor', () =>
    expect([10_000n, 12_500n, 2_500n, 0n, 100_000n].map(formatFactor)).toEqual(['1', '1.25', '0.25', '0', '10']));
});
