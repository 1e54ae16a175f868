// Cost pools from rows of text.
import { describe, expect, it } from 'vitest';
import type { Checked } from './checked.ts';
import { readCosts, readCostsFile } from './costs.ts';

function must<T>(result: Checked<T>): T {
  if (!result.ok) throw new Error(result.faults.map(({ message }) => message).join('\n'));
  return result.value;
}
const messages = (result: Checked<unknown>) =>
  result.ok ? [] : result.faults.map(({ line, message }) => `${line ?? '-'}: ${message}`);

const costRows = (...rows: string[]) =>
  rows.map((row, index) => {
    const [pool, driver, currency, gross, donated, donor] = row.split(',') as [string, ...string[]];
    return {
      line: index + 2,
      values: { pool, driver: driver, currency: currency, gross: gross, donated: donated, donor: donor },
    };
  });

describe('readCosts', () => {
  it('sums gross less donated, by pool and driver, and what each donor gave', () => {
    const costs = must(
      readCosts(
        costRows('cdn,bytes,USD,900.50,800,Edge Inc', 'cdn,bytes,USD,0.00,0.25,Other', 'staff,,USD,50.00,0.00,'),
      ),
    );
    expect(costs).toEqual({
      currency: 'USD',
      net_cents: 15025n,
      gross_cents: 95050n,
      donated_cents: 80025n,
      pools: [
        { pool: 'cdn', driver: 'bytes', gross_cents: 90050n, donated_cents: 80025n, net_cents: 10025n },
        { pool: 'staff', driver: '', gross_cents: 5000n, donated_cents: 0n, net_cents: 5000n },
      ],
      donors: new Map([
        ['Edge Inc', 80000n],
        ['Other', 25n],
      ]),
    });
  });

  it('refuses all faults at once, with their lines', () => {
    expect(messages(readCosts([]))).toEqual(['1: no cost rows']);
    expect(
      messages(readCosts(costRows('a,bytes,USD,1.005,0,', ',bytes,USD,1,x,', 'b,bytes,EUR,1,0,', 'c,bytes,eur,1,2,'))),
    ).toEqual([
      '2: gross is "1.005": an amount with at most two places, such as 100.00, is needed',
      '3: pool must be a text without blanks at its ends',
      '3: donated is "x": an amount with at most two places, such as 100.00, is needed',
      '4: currency is EUR, the rows before it are in USD: convert to one',
      '5: currency is "eur": an ISO 4217 code is needed',
      '-: pool c (bytes): 1.00 more is donated than it costs',
    ]);
  });
});

describe('readCostsFile', () => {
  const dated = (...rows: string[]) =>
    rows.map((row, index) => {
      const [period, ...rest] = row.split(',') as [string, ...string[]];
      const [record] = costRows(rest.join(','));
      return { line: index + 2, values: { period, ...record.values } };
    });

  it('keeps the costs of each month apart', () => {
    const { periods } = must(
      readCostsFile(dated('2026-10,cdn,bytes,USD,9.00,1,', '2026-11,cdn,bytes,USD,7,0,', '2026-10,staff,,USD,1,0,')),
    );
    expect([...periods].map(([period, { net_cents }]) => [period, net_cents])).toEqual([
      ['2026-10', 900n],
      ['2026-11', 700n],
    ]);
  });

  it('has one group without a name if no row names its month', () => {
    expect([...must(readCostsFile(costRows('cdn,bytes,USD,9.00,1,'))).periods.keys()]).toEqual(['']);
  });

  it('refuses a month that is none, a driver that is none, and several currencies', () => {
    const rows = dated('2026-13,cdn,bytes,USD,9,1,', '2026-11,cdn,byte,USD,7,0,', '2026-12,cdn,bytes,EUR,7,0,');
    expect(messages(readCostsFile(rows))).toEqual([
      '2: period is "2026-13": a month such as 2026-10 is needed',
      '3: driver is "byte": requests, bytes, or nothing (the policy says it) is needed',
      '-: the periods are in USD and EUR: convert to one',
    ]);
    // A run of an earlier version may have any text.
    expect(must(readCosts(costRows('cdn,byte,USD,7,0,'), { recorded: true })).pools).toMatchObject([
      { driver: 'byte' },
    ]);
  });
});
