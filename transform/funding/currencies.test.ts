// Money of every currency: read, shared, split and written without losing or making a minor unit.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.ts';
import { readCorrections } from './corrections.ts';
import { readCosts } from './costs.ts';
import { currencyCodes, decimalsOf, isCurrency } from './currencies.ts';
import { centsText, parseCents, parseSignedCents } from './money.ts';
import { checkPolicy } from './policy.ts';
import { rational } from './rational.ts';
import { splitStatement } from './rounding.ts';

/** One currency for each number of decimals. */
const each = [
  ['JPY', 0],
  ['USD', 2],
  ['KWD', 3],
  ['CLF', 4],
] as const;
const cost = (currency: string, gross: string, donated = '0') => ({
  line: 2,
  values: { pool: 'cdn', driver: 'bytes', currency, gross, donated, donor: '' },
});
const policyIn = (currency: string, minimum: string) =>
  checkPolicy({ version: 'p', currency, free_allowance: 0, bands: [{ multiplier_bp: 10000 }], cap_bp: 10000, minimum });

describe('the table', () => {
  it.each([...each, ['UYW', 4], ['BHD', 3], ['KRW', 0], ['HUF', 2], ['EUR', 2]] as const)('%s has %i decimals', (code, count) =>
    expect(decimalsOf(code)).toBe(count),
  ); // prettier-ignore

  it('has codes of three letters, each once, and none that is no currency', () => {
    expect(currencyCodes.length).toBe(new Set(currencyCodes).size);
    for (const code of currencyCodes) expect(code).toMatch(/^[A-Z]{3}$/);
    for (const code of ['XAU', 'XTS', 'XXX', 'ABC', 'usd', '', undefined, 'toString'])
      expect(isCurrency(code)).toBe(false);
  });
});

describe.each(each)('%s', (currency, decimals) => {
  const tooFine = decimals === 0 ? '1.0' : `1.${'0'.repeat(decimals)}1`;

  it('is read with its own number of decimals, in every file', () => {
    expect(parseCents('12', currency)).toBe(12n * 10n ** BigInt(decimals));
    expect(parseCents(tooFine, currency)).toBeUndefined();
    expect(readCosts([cost(currency, '100')])).toMatchObject({
      ok: true,
      value: { net_cents: 100n * 10n ** BigInt(decimals) },
    });
    expect(readCosts([cost(currency, tooFine)])).toMatchObject({ ok: false });
    expect(policyIn(currency, '7')).toMatchObject({ ok: true, value: { minimum_cents: 7n * 10n ** BigInt(decimals) } });
    expect(policyIn(currency, tooFine)).toMatchObject({ ok: false });
    const correction = (amount: string) => ({ line: 2, values: { id: 'c', period: '2026-11', of_period: '2026-10', family: 'f', amount, currency, reason: 'r' } }); // prettier-ignore
    expect(readCorrections([correction('-3')])).toMatchObject({
      lines: [{ cents: -3n * 10n ** BigInt(decimals) }],
      faults: [],
    });
    expect(readCorrections([correction(tooFine)])).toMatchObject({ lines: [], faults: [{ line: 2 }] });
  });

  it('keeps every minor unit: read, allocated, split and written, the sum is the cost', () => {
    const amount = fc.bigInt(1n, 10n ** 12n);
    const units = fc.array(fc.bigInt(0n, 10n ** 9n), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 4 }), units, (costs, usage) => {
        const read = readCosts(costs.map((cents) => cost(currency, centsText(cents, currency))));
        const policy = policyIn(currency, '0');
        if (!read.ok || !policy.ok) throw new Error('refused');
        const total = costs.reduce((sum, cents) => sum + cents, 0n);
        expect(read.value.net_cents).toBe(total);
        const families = usage.map((gross, i) => ({
          family: `f${i}`,
          kind: 'billable' as const,
          units: rational(gross),
        }));
        const { lines, billed_cents, commons_cents } = allocate({
          families,
          cost_pool_cents: total,
          policy: policy.value,
        });
        const written = lines.map((line) => centsText(line.billed_cents, currency));
        const sum = written.reduce((all, text) => all + parseCents(text, currency)!, 0n);
        expect(sum).toBe(billed_cents);
        expect(billed_cents + commons_cents).toBe(total);
        const parts = usage.map((weight, i) => ({ id: `${i}`, weight: rational(weight + 1n) }));
        const split = splitStatement(-billed_cents, parts).map((cents) =>
          parseSignedCents(centsText(cents, currency), currency)!,
        );
        expect(split.reduce((all, cents) => all + cents, 0n)).toBe(-billed_cents);
      }),
    );
  });
});
