// The month at its pace: what it costs if it goes on as it began, and between which amounts if days differ as they did.

import { describe, expect, it } from 'vitest';
import { addDays } from '../../transform/periods.ts';
import { paceOf, type DayUsage } from './pace.ts';
import { termsOf, termsUntil } from './terms.ts';

const terms = (policy = '') =>
  termsOf({
    policy: `version: p\ncurrency: USD\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n${policy}`,
    costs: 'period,pool,driver,currency,gross,donated,donor\n2026-11,cdn,requests,USD,3000.00,0.00,\n',
  });
const day = (number: number, party: string, requests: number, kind: DayUsage['kind'] = 'billable'): DayUsage => ({
  day: addDays('2026-11-01', number),
  party,
  kind,
  requester_class: 'ci',
  requests: String(requests),
  bytes: '0',
});
/** Two weeks in which `a` works on weekdays alone, and `b` makes the same each day. */
const weeks = Array.from({ length: 14 }, (_, index) => [
  day(index, 'a', [0, 6].includes(new Date(Date.UTC(2026, 10, index + 1)).getUTCDay()) ? 0 : 100),
  day(index, 'b', 50),
  day(index, 'unknown', 50, 'unattributed'),
]).flat();

describe('a month at its pace', () => {
  it('costs what the whole month costs, shared by the usage so far', () => {
    const pace = paceOf(weeks, { period: '2026-11', until: '2026-11-14' }, terms());
    expect(pace).toMatchObject({ days: 14, of: 30, cost_cents: 300_000n });
    const [a, b] = pace.families;
    // 1,000 and 700 of 2,400 requests.
    expect([a.cents, b.cents]).toEqual([125_000n, 87_500n]);
    for (const { cents, low_cents, high_cents } of [a, b]) {
      expect(low_cents! <= cents && cents <= high_cents!).toBe(true);
      // Days of one weekday are alike, so the weekdays that are to come are all that moves it.
      expect(Number(high_cents! - low_cents!)).toBeLessThan(0.03 * Number(cents));
    }
    expect(paceOf(weeks, { period: '2026-11', until: '2026-11-14' }, terms())).toEqual(pace);
  });

  it('has a wider interval where days differ more, and none of less than a week', () => {
    const restless = weeks.map((row, index) =>
      row.party === 'a' ? { ...row, requests: String(Number(row.requests) * (index % 2 === 0 ? 5 : 1)) } : row,
    );
    const [a] = paceOf(restless, { period: '2026-11', until: '2026-11-14' }, terms()).families;
    expect(Number(a.high_cents! - a.low_cents!)).toBeGreaterThan(0.03 * Number(a.cents));
    const early = paceOf(weeks.slice(0, 18), { period: '2026-11', until: '2026-11-06' }, terms());
    expect(early.families.every(({ low_cents, high_cents }) => low_cents === null && high_cents === null)).toBe(true);
  });

  it('grows with the month where the policy fixes prices, and bears the contract of a family without usage', () => {
    const fixed = terms('alpha: 1\nbeta: 0\ncontract_minimums: { c: 10.00 }\n');
    const [a, b, c] = paceOf(weeks, { period: '2026-11', until: '2026-11-14' }, fixed).families;
    expect([a.cents, b.cents, c.cents]).toEqual([125_000n, 87_500n, 1_000n]);
  });
});

it('bears the cost of its days so far, pro rata', () => {
  expect(termsUntil(terms(), '2026-11', '2026-11-14').costs).toMatchObject({
    net_cents: 140_000n,
    gross_cents: 140_000n,
    pools: [{ pool: 'cdn', net_cents: 140_000n }],
  });
  const whole = terms();
  expect(termsUntil(whole, '2026-11', '2026-11-30')).toBe(whole);
});
